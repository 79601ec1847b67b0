"""The packs that ship and those of the user, as files: what is there, and what can be done with them. Nothing is lost before the end."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stylecam.core import paths
from stylecam.core.atomic_io import reason
from stylecam.core.ids import first_free
from stylecam.errors import OutputError, PackError
from stylecam.packs.library import PackLibrary, install_path
from stylecam.packs.manifest import Manifest
from stylecam.packs.ops import merge, subset, titled
from stylecam.packs.pack import StylePack, Styles
from stylecam.packs.store import save_pack, save_styles

#: Hidden, so that no library lists what lies there.
_REMOVED = ".removed"


@dataclass(frozen=True)
class ShelfEntry:
    """A pack: `manifest` is what it says of itself, or None, and then `problem` says why; `is_own` if it is the user's to change."""

    name: str
    path: Path
    manifest: Manifest | None
    problem: str = ""
    is_own: bool = False

    @property
    def is_whole(self) -> bool:
        """True for a pack with its network, False for styles alone."""
        return self.manifest is not None and self.manifest.kind == "full"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.manifest.title if self.manifest is not None else self.name


class PackShelf:
    """What the pack manager does, without its dialog. Files may be large: `merged` and `export` take a moment."""

    def __init__(self, library: PackLibrary) -> None:
        self._library = library
        self._bin = paths.user_packs() / _REMOVED

    def entries(self) -> list[ShelfEntry]:
        """Return all packs, whole ones first; damaged ones last.

        Raises:
            PackError: a folder of packs cannot be read.
        """
        found = []
        for name, path, manifest in self._library.manifests():
            is_own = path.is_relative_to(paths.user_packs())
            if isinstance(manifest, Manifest):
                found.append(ShelfEntry(name, path, manifest, "", is_own))
            else:
                found.append(ShelfEntry(name, path, None, str(manifest), is_own))
        return sorted(found, key=lambda entry: (entry.manifest is None, not entry.is_whole, entry.is_own))

    def load(self, entry: ShelfEntry) -> StylePack:
        """Read a pack whole, with the images of its styles.

        Raises:
            PackError: it cannot be used, or no pack has its network.
        """
        return self._library.load(entry.path)

    def rename(self, entry: ShelfEntry, title: str, style: str = "") -> None:
        """Give a pack of the user's, or one of its styles, another title; ids stay, so mixes and scenes still find it.

        Raises:
            PackError, OutputError: it cannot be read or written.
        """
        pack = self.load(entry)
        only = style or (pack.style_ids[0] if len(pack.styles) == 1 else "")
        styles = Styles(replace(each, title=title) if each.id == only else each for each in pack.styles)
        named = replace(pack, styles=styles, title=title if not style or len(pack.styles) == 1 else pack.title)
        self._save(named, entry, entry.path, force=True)

    def remove(self, entry: ShelfEntry) -> Callable[[], None]:
        """Take a pack of the user's away, until `close` for good; return what puts it back.

        Raises:
            OutputError: it cannot be moved.
        """
        try:
            self._bin.mkdir(parents=True, exist_ok=True)
            kept = self._bin / f"{time.time_ns()}-{entry.path.name}"
            entry.path.rename(kept)
        except OSError as error:
            raise OutputError(f"The pack '{entry.path}' cannot be removed: {reason(error)}.") from error

        def put_back() -> None:
            if entry.path.exists():
                raise OutputError(f"'{entry.path}' was made again meanwhile, so the deleted one is not put back; rename the new one first.")
            try:
                kept.rename(entry.path)
            except OSError as error:
                raise OutputError(f"The pack '{entry.path}' cannot be put back: {reason(error)}.") from error

        return put_back

    def export(self, entry: ShelfEntry, path: Path, style: str = "") -> None:
        """Write a copy of a pack, or one of its styles alone, which joins any pack with the same network. Replaces a file that is there.

        Raises:
            PackError, OutputError: it cannot be read or written.
        """
        pack = self.load(entry)
        if style:
            save_styles(subset(pack, [style], name=style), path, force=True)
        else:
            self._save(pack, entry, path, force=True)

    def merged(self, entries: Sequence[ShelfEntry]) -> ShelfEntry:
        """Put the styles of several packs into a new one among the user's: a whole one if any of them is.

        Raises:
            PackError: their networks differ, or a style means something else in two of them.
            OutputError: it cannot be written.
        """
        packs = [self.load(entry) for entry in entries]
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(entry.name for entry in entries)).strip("-.")[:56] or "merged"
        free = first_free(name, self._library.paths().__contains__, "-")
        pack = merge(packs, name=free, title=free)
        pack = replace(pack, title=titled(pack.styles))
        path = install_path(paths.user_packs(), free)
        whole = next((entry for entry in entries if entry.is_whole), entries[0])
        self._save(pack, whole, path, force=False)
        return next(entry for entry in self.entries() if entry.name == free)

    def close(self) -> None:
        """Remove for good what was taken away."""
        shutil.rmtree(self._bin, ignore_errors=True)

    def _save(self, pack: StylePack, like: ShelfEntry, path: Path, *, force: bool) -> None:
        if like.manifest is None:
            raise PackError(like.problem)
        (save_pack if like.is_whole else save_styles)(pack, path, force=force)
