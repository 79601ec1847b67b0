"""Defaults of the methods' options: those that the command line shows are those of the methods themselves."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from stylecam.cli import build_parser
from stylecam.methods.image_analogies import AnalogyConfig
from stylecam.methods.image_quilting import SEAMS_LAST, QuiltConfig
from stylecam.methods.see import SeeConfig
from stylecam.methods.texture_networks import TextureTraining
from stylecam.methods.video_optimization import ClipConfig

CLIP = ClipConfig()


@pytest.mark.parametrize(
    ("words", "config", "options"),
    [
        ("analogy a b c -o d.png", AnalogyConfig(), {"kappa": "kappa", "levels": "levels", "numbers": "numbers"}),
        (
            "texture quilt a -o d.png",
            QuiltConfig(),
            {"patch": "patch_px", "overlap": "overlap_px", "tolerance": "tolerance", "seed": "seed"},
        ),
        (
            "see a -o d.png",
            SeeConfig(),
            {"layer": "layer", "view": "view", "rule": "rule", "top": "count", "iterations": "iterations", "octaves": "octaves"},
        ),
        (
            "train texture a -o d.safetensors",
            TextureTraining(),
            {"minutes": "minutes", "steps": "steps", "size": "size_px", "batch": "batch", "content_weight": "content_weight"},
        ),
        (
            "video a -o d.mp4",
            CLIP,
            {"iterations": "iterations", "passes": "passes", "temporal_weight": "temporal_weight"},
        ),
        (
            "video a -o d.mp4",
            CLIP.gatys,
            {
                "first_iterations": "iterations",
                "content_weight": "content_weight",
                "style_weight": "style_weight",
                "style_size": "style_size_px",
            },
        ),
    ],
)
def test_an_option_has_one_default(words: str, config: Any, options: dict[str, str]) -> None:
    """The command line, which imports nothing heavy for its help, repeats these defaults; they are the same."""
    args: argparse.Namespace = build_parser().parse_args(words.split())
    assert {name: getattr(args, name) for name in options} == {name: getattr(config, field) for name, field in options.items()}


def test_quilting_a_photo_lets_the_seams_weigh_as_the_method_does() -> None:
    """`still --method quilting` has the method's own weight of the seams, too."""
    assert build_parser().parse_args(["still", "a", "-o", "d.png"]).alpha == SEAMS_LAST
