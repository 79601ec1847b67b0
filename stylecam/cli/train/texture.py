"""`stylecam train texture`: train a texture network for one image."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stylecam.cli.common_options import add_loss_network, seed
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.errors import UsageError

_EXAMPLES = """\
examples:
  stylecam train texture bricks.jpg -o bricks.safetensors --minutes 15
  stylecam train texture painting.jpg -o waves.safetensors --part 300x300+40+520 --style-size 300
  stylecam train texture painting.jpg -o waves-photo.safetensors --photos photos/
"""


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `texture` to the kinds of training."""
    parser = kinds.add_parser(
        "texture",
        help="train a texture network for one image",
        description="Train a network that makes textures like IMAGE out of noise, at any size, each in one pass; or, with --photos, that "
        "stylizes photos (Ulyanov and others 2016). Ctrl-C stops and keeps what is trained.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("image", type=Path, metavar="IMAGE", help="what the texture shall look like")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="network to write, ending in .safetensors")
    parser.add_argument("--part", metavar="WxH+X+Y", help="use a part of IMAGE: width, height, distance from left and top, in pixels")
    parser.add_argument(
        "--style-size", type=int, default=256, metavar="PX", help="short side at which IMAGE is shown (default: %(default)s)"
    )
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="train on these too, to stylize photos")
    parser.add_argument("--minutes", type=float, default=15.0, help="how long (default: %(default)g)")
    parser.add_argument("--steps", type=int, help="end after so many steps too")
    parser.add_argument("--size", type=int, default=256, help="side of the images in training, in pixels (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--content-weight", type=float, default=1.0, help="with --photos: likeness to the photo (default: %(default)g)")
    add_loss_network(parser)
    parser.add_argument("--licence", default="unknown", help="under which licence the network may be used (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.set_defaults(run=_texture)


def _texture(args: argparse.Namespace) -> int:
    if args.output.suffix.lower() != ".safetensors":
        raise UsageError(f"'{args.output}' does not end in .safetensors; name the network such as waves.safetensors.")

    import hashlib

    from stylecam.cli.sizes import cut_part
    from stylecam.core.atomic_io import check_target
    from stylecam.core.memory import keep_memory
    from stylecam.core.paths import loss_network
    from stylecam.media.images import read_srgb
    from stylecam.methods.texture_networks import TextureTask, TextureTraining, style_tensor, train_texture

    config = TextureTraining(
        minutes=args.minutes, steps=args.steps, size_px=args.size, batch=args.batch, content_weight=args.content_weight, seed=args.seed
    )
    check_target(args.output, force=args.force)
    style = style_tensor(cut_part(read_srgb(args.image), args.part), args.style_size)
    digest = hashlib.sha256(args.image.read_bytes()).hexdigest()
    about = {"licence": args.licence, "style_image": {"sha256": digest, "part": args.part or "", "style_size_px": args.style_size}}
    keep_memory()
    task = TextureTask(style, args.output, config, args.loss_network or loss_network(), about=about, photos=args.photos)
    reports = train_texture(task, force=args.force)
    with stop_requests() as requests:
        for report in reports:
            values = " ".join(f"{name} {value:.3f}" for name, value in report.values.items() if name in ("content", "style"))
            wrote = f", wrote {report.files['network']}" if report.files else ""
            print(report.to_json() if args.json else f"step {report.step} of about {report.total} {values}{wrote}", flush=True)
            if requests:
                reports.close()
                print(f"stylecam: stopped; {args.output} holds what was trained.", file=sys.stderr)
                return STOPPED_EXIT_CODE
    return 0
