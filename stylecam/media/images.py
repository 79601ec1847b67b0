"""THE reader of image files: 8-bit RGB in display orientation; and their writer, which keeps profile, EXIF, transparency."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from stylecam.core.atomic_io import reason, write_file
from stylecam.core.process import available_memory
from stylecam.errors import InputError, OutputError
from stylecam.media import hdr_tags, stored_numbers
from stylecam.media.colour_profiles import to_rgb, to_srgb
from stylecam.media.formats import IMAGES_WRITTEN, why_unread
from stylecam.media.metadata import kept_exif

#: More pixels than this are refused before they are decoded: a small file can claim any size.
MAX_PIXELS = 178_956_970

# Named, because some of Pillow's other formats start programs (EPS) or are no images that a person would stylize.
_READ = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "AVIF", "JPEG2000")
#: How common clips begin: Matroska, MPEG, Flash; MP4 says so behind its first four bytes.
_CLIP_HEADS = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"FLV\1", b"OggS")
#: How their files begin.
_HEADS = {
    "PNG": (b"\x89PNG",),
    "JPEG": (b"\xff\xd8\xff",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "GIF": (b"GIF8",),
    "BMP": (b"BM",),
}
_BYTES_PER_PIXEL = 16  # while a file is decoded and converted; measured with 8-bit RGBA
_MAX_SIDE = {"WEBP": 16_383, "JPEG": 65_500}
_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95},
    "TIFF": {},  # uncompressed: Pillow's compressing writer loses the camera's part of EXIF
}


@dataclass(frozen=True, eq=False)
class ImageFile:
    """Pixels in display orientation and what belongs to them.

    `image` is uint8 RGB (H, W, 3), in the colours of the profile `icc` (sRGB if None); `alpha` uint8 (H, W), or None if there is
    none; `notes` what the user should know about the reading.
    """

    image: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    icc: bytes | None = field(default=None, repr=False)
    exif: bytes | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def flat_srgb(self) -> Image.Image:
        """Return the pixels as everything but `still` takes them: RGB in sRGB, what is transparent white."""
        rgb = Image.fromarray(self.image)
        if self.icc is not None:
            rgb = to_srgb(rgb, self.icc)
        if self.alpha is not None and self.alpha.min() < 255:
            white = Image.new("RGB", rgb.size, "white")
            white.paste(rgb, mask=Image.fromarray(self.alpha))
            rgb = white
        return rgb

    def resized(self, size_px: int) -> ImageFile:
        """Return the image with its longer side `size_px` pixels long, transparency and all."""
        height, width = self.image.shape[:2]
        scale = size_px / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if size == (width, height):
            return self
        # Together, so that the hidden colours of transparent pixels do not bleed into the visible ones.
        pixels = np.asarray(self._joined().resize(size, Image.Resampling.LANCZOS))
        return replace(self, image=pixels[..., :3].copy(), alpha=None if self.alpha is None else pixels[..., 3].copy())

    def _joined(self) -> Image.Image:
        if self.alpha is None:
            return Image.fromarray(self.image)
        return Image.fromarray(np.dstack([self.image, self.alpha]))


def read_srgb(source: Path | bytes, name: str = "") -> NDArray[np.uint8]:
    """Read an image file to show it or train on it: uint8 RGB (H, W, 3) in sRGB and display orientation, transparency on white.

    Args:
        source: a path, or the file's bytes.
        name: how messages call it (default: the path).

    Raises:
        InputError: see `read_image`.
    """
    return np.array(read_image(source, name).flat_srgb())


def read_image(source: Path | bytes, name: str = "") -> ImageFile:
    """Read an image file with all that belongs to it, in the display orientation of its EXIF; see `read_srgb` for the pixels alone.

    Numbers in an RGB profile stay in it. 16 bits, palettes, grey, CMYK and HDR become 8-bit RGB.

    Args:
        source: a path, or the file's bytes.
        name: how messages call it (default: the path).

    Raises:
        InputError: there is no such file, it may not be read, is no image of a known format, is damaged or far too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "the image")
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise InputError(f"'{name}' cannot be read: {reason(error) if isinstance(error, OSError) else error}.") from None
    if why := why_unread(source if isinstance(source, Path) else Path(name), data):
        raise InputError(f"'{name}' {why}.")
    if not data:
        raise InputError(f"'{name}' is empty; copy it again.")
    try:
        # Pillow warns of oddities in a file that it can read all the same; they are not the user's concern.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(data)
    except InputError as error:
        raise InputError(f"'{name}' cannot be stylized: {error}.") from None
    except UnidentifiedImageError:
        if (data[4:8] == b"ftyp" and not _signature(data)) or data.startswith(_CLIP_HEADS):
            raise InputError(f"'{name}' is a clip, not an image; `stylecam video` stylizes it.") from None
        if known := _signature(data):
            article = "an" if known == "AVIF" else "a"
            problem = f"'{name}' is {article} {known} that is damaged or of a rare kind that is not read; save it as a PNG."
            raise InputError(problem) from None
        raise InputError(f"'{name}' is not an image that stylecam reads; give a PNG, JPEG, WebP, TIFF, AVIF, GIF or BMP.") from None
    except MemoryError:
        raise InputError(f"'{name}' is too large for this machine's memory.") from None
    except Exception as error:  # a damaged file can bring Pillow's decoders to raise nearly anything
        raise InputError(f"'{name}' cannot be read: the file is damaged or cut off ({error}).") from error


def encode_image(file: ImageFile, suffix: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a file in the format of `suffix` (a key of `IMAGES_WRITTEN`), and notes on what that format cannot hold.

    Raises:
        OutputError: the image has more pixels than the format can hold.
    """
    form = IMAGES_WRITTEN[suffix]
    height, width = file.image.shape[:2]
    if max(height, width) > _MAX_SIDE.get(form, max(height, width)):
        raise OutputError(f"{form} files hold at most {_MAX_SIDE[form]} pixels a side, not {max(height, width)}; choose PNG, or a --size.")
    notes: tuple[str, ...] = ()
    joined = file._joined()
    if joined.mode == "RGBA" and form == "JPEG":
        white = Image.new("RGBA", joined.size, "white")
        white.alpha_composite(joined)
        joined = white.convert("RGB")
        if file.alpha is not None and file.alpha.min() < 255:
            notes = ("JPEG holds no transparency, so the image is on white",)
    options = dict(_SAVE_OPTIONS[form])
    if file.icc:
        options["icc_profile"] = file.icc
    if file.exif and form == "JPEG" and len(file.exif) > 65_533:
        notes += ("its EXIF is too long for a JPEG and was left out",)
    elif file.exif:
        options["exif"] = file.exif
    buffer = io.BytesIO()
    joined.save(buffer, form, **options)
    return buffer.getvalue(), notes


def write_image(file: ImageFile, path: Path, *, force: bool = False) -> tuple[str, ...]:
    """Write an image in the format that the ending of `path` names, and return notes on what that format cannot hold.

    Raises:
        OutputError: see `encode_image` and `core.atomic_io.write_file`.
    """
    data, notes = encode_image(file, path.suffix.lower())
    write_file(path, data, force=force)
    return notes


def _decode(data: bytes) -> ImageFile:
    try:
        opened = Image.open(io.BytesIO(data), formats=_READ)
    except Image.DecompressionBombError as error:
        claimed = re.search(r"\d+", str(error))
        raise _too_many(int(claimed[0]) if claimed else MAX_PIXELS + 1) from None
    with opened:
        pages = getattr(opened, "n_frames", 1) if opened.format != "MPO" else 1  # MPO: a phone's JPEG with a second view behind it
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise _too_many(width * height)
        free = available_memory()
        if width * height * _BYTES_PER_PIXEL > free:
            needed = width * height * _BYTES_PER_PIXEL / 1e9
            raise InputError(f"it needs about {needed:.1f} GB of memory, and {free / 1e9:.1f} GB are free; make it smaller")
        decoded = stored_numbers.decode(opened, data)
        exif, icc = opened.getexif(), opened.info.get("icc_profile")
        converted = hdr_tags.apply(to_rgb(ImageOps.exif_transpose(decoded), icc or None), data, opened.info)
    notes = converted.notes + ((f"only the first of its {pages} pages or frames was stylized",) if pages > 1 else ())
    return ImageFile(
        np.array(converted.rgb),
        None if converted.alpha is None else np.array(converted.alpha),
        converted.icc,
        kept_exif(exif),
        notes,
    )


def _signature(data: bytes) -> str:
    """Return the name of the format that a file's first bytes claim, or an empty string."""
    if data[4:12] in (b"ftypavif", b"ftypavis", b"ftypmif1"):
        return "AVIF"
    return next((form for form, heads in _HEADS.items() if data.startswith(heads)), "")


def _too_many(pixels: int) -> InputError:
    return InputError(f"it has {pixels / 1e6:.0f} megapixels; make it smaller than {MAX_PIXELS / 1e6:.0f} first")
