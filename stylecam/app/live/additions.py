"""The styles that the user added: style-only packs among the installed ones join every pack with the same network."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from stylecam.app.live.interfaces import Added
from stylecam.core import paths
from stylecam.core.ids import first_free
from stylecam.errors import PackError, StylecamError
from stylecam.packs.library import PackLibrary, install_path
from stylecam.packs.manifest import Manifest
from stylecam.packs.ops import overlay, subset, unknown_to
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_manifest, load_pack, save_styles

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
    """Load a whole pack by name or path as the window shows it: with the user's styles.

    Raises:
        PackError: as `PackLibrary.load`.
    """
    return with_additions(library.load(name), library)


def join_styles(library: PackLibrary, name: str, shown: StylePack | None) -> Added | None:
    """Open a style-only pack: its styles join the pack that is shown, or, if they belong to another network, the pack that has that.

    A copy of those that are new is kept among the user's packs, where `with_additions` finds it at the next start. None: the pack is a
    whole one.

    Raises:
        PackError: it cannot be used, or no pack here has its network.
        OutputError: the copy cannot be written.
    """
    path = library.find(name)
    manifest = load_manifest(path)
    if manifest.kind == "full":
        return None
    base = ""
    if shown is None or shown.trunk != manifest.trunk:
        found = library.with_network(manifest.trunk)
        base, shown = (found[0], with_additions(found[1], library)) if found is not None else ("", None)
    styles = load_pack(path, trunk=shown)  # refuses where there is no network
    if shown is None:
        return None
    new = unknown_to(shown, styles)
    if new is None:
        return Added(shown, manifest.title, base=base)
    joined, kept = overlay(shown, new), None
    if not path.resolve().is_relative_to(paths.user_packs().resolve()):
        there = library.paths()
        free = first_free(manifest.name, lambda each: each in there or install_path(paths.user_packs(), each).exists())
        kept = install_path(paths.user_packs(), free)
        save_styles(new, kept)
    return Added(joined, manifest.title, new.style_ids, base, kept)


def open_first(library: PackLibrary, name: str, beside: Sequence[str] = ()) -> tuple[StylePack, str, str]:
    """Open the pack that a window begins with; a style-only one beside the first pack of `beside` that can be used.

    Returns:
        The pack, the name of the whole one, and a sentence, empty if there is nothing to say.

    Raises:
        PackError: it cannot be used.
        OutputError: as `join_styles`.
    """
    if load_manifest(library.find(name)).kind == "full":
        return load_with_additions(library, name), name, ""
    shown, base = None, ""
    for each in beside:
        try:
            if each != name and load_manifest(library.find(each)).kind == "full":
                shown, base = load_with_additions(library, each), each
                break
        except StylecamError as error:
            _log.info("the pack %s is passed over: %s", each, error)
    added = join_styles(library, name, shown)
    if added is None:  # replaced by a whole one at this moment
        return load_with_additions(library, name), name, ""
    return added.pack, added.base or base, added.sentence
