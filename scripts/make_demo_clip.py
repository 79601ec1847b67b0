"""Make assets/clips/demo.mp4, ten seconds of free material that stand in for a webcam.

The shipped clip was made with

    python scripts/make_demo_clip.py --portrait assets/photos/astronaut.jpg --flower mdn_flower.mp4 --movie bigbuckbunny.mp4

640 x 480 at 30 frames per second, H.264: five seconds of the portrait (slow pan and zoom, light that changes a little, the noise of a
webcam's sensor), three of the flower, two of the movie. Each frame carries its number (stylecam/capture/frame_number.py) for
measuring latency; `--no-number` leaves it out. The sources are listed in assets/provenance.json.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.capture import frame_number

WIDTH, HEIGHT, FPS = 640, 480, 30
NOISE_LEVELS = 2.0  # standard deviation, of 255

Image = NDArray[np.uint8]


def main() -> None:
    """Read the arguments, write the clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("portrait", "flower", "movie"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="the source file")
    parser.add_argument(
        "--movie-start", type=float, default=0.0, metavar="S", help="where the piece of the movie begins (default: %(default)s)"
    )
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent.parent / "assets" / "clips" / "demo.mp4")
    parser.add_argument("--crf", type=int, default=23, help="quality of H.264: less is better and larger (default: %(default)s)")
    parser.add_argument("--no-number", action="store_true", help="do not burn the frame number in")
    args = parser.parse_args()
    write(args.output, demo_frames(args.portrait, args.flower, args.movie, args.movie_start), args.crf, number=not args.no_number)
    print(f"{args.output}: {args.output.stat().st_size / 1024:.0f} KiB")  # noqa: T201 (a script that reports)


def demo_frames(portrait: Path, flower: Path, movie: Path, movie_start_s: float) -> Iterator[Image]:
    """Yield the clip's frames, uint8 RGB (480, 640, 3)."""
    yield from portrait_frames(portrait, 5.0)
    yield from clip_frames(flower, 0.5, 3.0)
    yield from clip_frames(movie, movie_start_s, 2.0)


def portrait_frames(path: Path, seconds: float) -> Iterator[Image]:
    """Yield a photo under a slowly moving frame, in changing light, with a sensor's noise."""
    photo = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    side = photo.shape[1]
    random = np.random.default_rng(0)
    count = round(seconds * FPS)
    for number in range(count):
        phase = 2 * math.pi * number / count
        width = side * (0.86 - 0.08 * math.sin(phase))  # zoom
        height = width * HEIGHT / WIDTH
        left = (side - width) * (0.5 + 0.45 * math.sin(phase + 0.6))
        top = (side - height) * (0.16 + 0.12 * math.sin(2 * phase))
        scale = WIDTH / width
        view = cv2.warpAffine(
            photo, np.float64([[scale, 0, -left * scale], [0, scale, -top * scale]]), (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC
        )
        light = 1 + 0.04 * math.sin(2 * phase + 1)
        noise = random.normal(0, NOISE_LEVELS, view.shape)
        yield np.clip(view * light + noise, 0, 255).astype(np.uint8)


def clip_frames(path: Path, start_s: float, seconds: float) -> Iterator[Image]:
    """Yield a piece of a clip at the demo's rate, its middle cut to 4:3."""
    count, due = round(seconds * FPS), 0
    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            now_s = float(frame.pts * frame.time_base) - start_s
            if now_s < 0:
                continue
            image = crop(frame.to_ndarray(format="rgb24"))
            while due < count and due / FPS <= now_s + 0.5 / FPS:
                yield image
                due += 1
            if due == count:
                return
    raise SystemExit(f"{path} ends {count - due} frames too early.")


def crop(image: Image) -> Image:
    """Cut the middle of `image` to 4:3 and scale it."""
    height, width = image.shape[:2]
    wide = min(width, height * WIDTH // HEIGHT)
    left = (width - wide) // 2
    return np.asarray(cv2.resize(image[:, left : left + wide], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def write(path: Path, images: Iterator[Image], crf: int, *, number: bool) -> None:
    """Encode with a key frame every second, so that a player can begin anywhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as clip:
        stream = clip.add_stream("libx264", FPS, options={"crf": str(crf), "preset": "slow", "g": str(FPS)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(frame_number.draw(image, index) if number else image, format="rgb24")
            frame.pts = index
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode())


if __name__ == "__main__":
    main()
