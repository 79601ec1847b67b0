"""Finding packs by name: those that ship and those that the user installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stylecam.core.atomic_io import put_back, reason, sweep
from stylecam.core.paths import shipped, user_packs
from stylecam.errors import OutputError, PackError, did_you_mean
from stylecam.packs import store
from stylecam.packs.archive import MANIFEST, ZIP_SUFFIX
from stylecam.packs.manifest import Manifest
from stylecam.packs.pack import StylePack


class PackLibrary:
    """Looks for packs in `folders`; where two have the same name, the earlier folder wins. A missing folder is an empty one."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def paths(self) -> dict[str, Path]:
        """Return all packs by name, in the folders' order. Nothing is opened: damaged packs are listed too."""
        found: dict[str, Path] = {}
        for folder in self._folders:
            put_back(folder)
            try:
                entries = sorted(folder.iterdir()) if folder.is_dir() else []
            except OSError as error:
                raise PackError(f"The folder of packs '{folder}' cannot be read: {reason(error)}.") from error
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if name := _pack_name(entry):
                    found.setdefault(name, entry)
        return found

    def find(self, name_or_path: str | Path) -> Path:
        """Return where a pack lies, named by path or by name.

        Raises:
            PackError: there is none; the sentence proposes what is there.
        """
        text = str(name_or_path)
        packs = self.paths()
        if text in packs:
            return packs[text]
        path = Path(text)
        if text and _exists(path):  # an empty name is not the current folder
            return path
        known = f" Installed are: {', '.join(packs)}." if packs else " None is installed."
        raise PackError(f"There is no style pack '{text}'.{did_you_mean(text, packs)}{known}")

    def load(self, name_or_path: str | Path) -> StylePack:
        """Find and load a pack; for a style-only one, find the pack with its network too.

        Raises:
            PackError: there is none, or it or its network's pack cannot be used.
        """
        path = self.find(name_or_path)
        manifest = store.load_manifest(path)
        network = self.with_network(manifest.trunk) if manifest.kind == "styles" else None
        return store.load_pack(path, trunk=network[1] if network is not None else None)

    def manifests(self) -> Iterator[tuple[str, Path, Manifest | PackError]]:
        """Yield name, path and what each pack says of itself, or why it cannot be used."""
        for name, path in self.paths().items():
            try:
                yield name, path, store.load_manifest(path)
            except PackError as error:
                yield name, path, error

    def with_network(self, trunk: str) -> tuple[str, StylePack] | None:
        """Return name and pack of the first whole pack with this network, or None."""
        for name, path, manifest in self.manifests():
            if isinstance(manifest, Manifest) and manifest.kind == "full" and manifest.trunk == trunk:
                try:
                    return name, store.load_pack(path)
                except PackError:
                    continue  # damaged behind a sound manifest; another pack may have the same network
        return None


def pack_library() -> PackLibrary:
    """Return the packs of this installation: those that ship, then those that the user installed."""
    return PackLibrary([shipped("weights"), user_packs()])


def list_packs() -> tuple[str, ...]:
    """Return the names of the packs of this installation: those that ship, then those that the user installed.

    Nothing is opened, so damaged packs are named too.

    >>> import stylecam
    >>> stylecam.list_packs()
    ('live32',)

    Raises:
        PackError: a folder of packs cannot be read.
    """
    return tuple(pack_library().paths())


def load_pack(name_or_path: str | Path) -> StylePack:
    """Load a pack by name (see `list_packs`) or by path, a folder or a `.stylepack` file. Every weight is checked, nothing is run.

    >>> import stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> len(pack.styles), pack.style_ids[0]
    (32, 'starry_night')
    >>> pack.rows.shape  # the styles and the identity row, each γ and β of all layers
    (33, 2374)

    Raises:
        PackError: there is none, or it cannot be used; for a style-only pack, also that no pack here has its network.
    """
    return pack_library().load(name_or_path)


def install_path(folder: Path, name: str) -> Path:
    """Return where a pack of this name is installed, as one file, and make the folder.

    Raises:
        OutputError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
    except OSError as error:
        raise OutputError(f"The folder of packs '{folder}' cannot be made: {reason(error)}.") from error
    return folder / f"{name}{ZIP_SUFFIX}"


def _pack_name(entry: Path) -> str | None:
    """Return the name of the pack that lies there, or None if there is none."""
    try:
        if entry.suffix == ZIP_SUFFIX and not entry.is_dir():
            return entry.stem
        return entry.name if (entry / MANIFEST).is_file() else None
    except OSError:  # what may not be looked at is listed, with that as its fault
        return entry.name


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a null byte
        return False
