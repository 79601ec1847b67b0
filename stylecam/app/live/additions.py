"""The styles that the user taught: style-only packs among the installed ones join every pack with the same network."""

from __future__ import annotations

import logging

from stylecam.core import paths
from stylecam.errors import PackError
from stylecam.packs.library import PackLibrary
from stylecam.packs.manifest import Manifest
from stylecam.packs.ops import overlay, subset
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_manifest, load_pack

_log = logging.getLogger(__name__)


def with_additions(pack: StylePack, library: PackLibrary) -> StylePack:
    """Return `pack` with the styles that the user installed for its network behind its own; what it has already stays as it is.

    A damaged one is left out: `stylecam pack check` tells of it.
    """
    for name, path, manifest in library.manifests():
        if not isinstance(manifest, Manifest) or manifest.kind != "styles" or manifest.trunk != pack.trunk:
            continue
        if not path.is_relative_to(paths.user_packs()):
            continue
        new = [style.id for style in manifest.styles if style.id not in pack.style_ids]
        if not new:
            continue
        try:
            pack = overlay(pack, subset(load_pack(path, trunk=pack), new))
        except PackError as error:
            _log.info("the styles of %s are left out: %s", name, error)
    return pack


def load_with_additions(library: PackLibrary, name: str) -> StylePack:
    """Load a pack by name or path as the window shows it: a whole one with the user's styles, a style-only one by itself.

    Raises:
        PackError: as `PackLibrary.load`.
    """
    pack = library.load(name)
    return with_additions(pack, library) if load_manifest(library.find(name)).kind == "full" else pack
