"""Packs out of packs: a choice of styles, and several packs put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.errors import PackError, did_you_mean
from stylecam.net.families import FAST, FINE, MAX_STYLES
from stylecam.packs.manifest import MAX_TEXT
from stylecam.packs.pack import StyleInfo, StylePack

#: Titles of packs and ids of styles are short, see `packs.manifest`; these parts leave space for the rest.
_TITLE, _ID = 120, 58


def subset(pack: StylePack, ids: Sequence[str], *, name: str | None = None, title: str | None = None) -> StylePack:
    """Return a pack with only some styles, in the given order; the identity row stays. Without a title, fewer styles name the pack.

    Raises:
        PackError: a style is unknown, named twice, or none is named.
    """
    for style in ids:
        if style not in pack.style_ids:
            raise PackError(f"The pack '{pack.name}' has no style '{style}'.{did_you_mean(style, pack.style_ids)}")
    if not ids or len(set(ids)) != len(ids):
        raise PackError("Name at least one style, and each only once.")
    rows = [pack.style_ids.index(style) for style in ids] + ([pack.config.styles] if pack.config.identity else [])
    chosen = pack.with_rows(pack.rows[rows], [pack.styles[style] for style in ids], identity=pack.config.identity)
    return replace(chosen, name=name or pack.name, title=title or (pack.title if len(ids) == len(pack.styles) else titled(chosen.styles)))


def titled(styles: Sequence[StyleInfo]) -> str:
    """Return what a pack of these styles is called: by the first of them.

    >>> import stylecam
    >>> titled(stylecam.load_pack("live32").styles[:4])
    'The Starry Night, The Great Wave off Kanagawa and 2 more'
    """
    names = [style.title[:_TITLE] for style in styles]
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def unknown_to(pack: StylePack, extra: StylePack) -> StylePack | None:
    """Return of `extra` the styles that `pack` lacks, or None if it has all; one whose id has other numbers there gets a new id.

    >>> import stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> unknown_to(pack, subset(pack, ["senecio"])) is None
    True
    """
    known = {style.id: style.vector for style in pack.styles}
    new: list[tuple[StyleInfo, NDArray[np.float32]]] = []
    for style in extra.styles:
        if any(np.array_equal(style.vector, vector) for vector in known.values()):
            continue
        name, number = style.id, 1
        while name in known:
            number += 1
            name = f"{style.id[:_ID]}_{number}"
        known[name] = style.vector
        new.append((replace(style, id=name), style.vector))
    if not new:
        return None
    rows = np.stack([vector for _, vector in new])
    rows = np.concatenate([rows, extra.rows[extra.config.styles :]])
    return extra.with_rows(rows, [style for style, _ in new], identity=extra.config.identity)


def merge(packs: Sequence[StylePack], *, name: str, title: str) -> StylePack:
    """Put the styles of packs with the same trunk into one; identity row and fast output are each taken from the first pack that has one.

    A style that stands in several packs with the same numbers is taken once.

    Raises:
        PackError: there is no pack, the trunks differ, a style stands in two packs with different numbers, or they are too many.
    """
    if not packs:
        raise PackError("Nothing can be merged out of nothing; name at least one pack.")
    network = next((pack for pack in packs if pack.config.has_fast_head), packs[0])
    identity = next((pack for pack in packs if pack.config.identity), None)
    seen: dict[str, tuple[StyleInfo, NDArray[np.float32], StylePack, int]] = {}
    for pack in packs:
        if pack.trunk != network.trunk:
            raise PackError(f"The packs '{network.name}' and '{pack.name}' have different networks, so their styles cannot share one.")
        for row, style in enumerate(pack.styles):
            numbers = pack.rows[row]
            if style.id in seen and not np.array_equal(seen[style.id][1], numbers):
                raise PackError(
                    f"The style '{style.id}' of the pack '{pack.name}' differs from an earlier one of that name; split it off first."
                )
            seen.setdefault(style.id, (style, numbers, pack, row))
    if len(seen) > MAX_STYLES:
        raise PackError(f"The packs have {len(seen)} styles together, but a pack can hold {MAX_STYLES}; leave some out with `pack split`.")
    chosen = [(pack, row) for _, _, pack, row in seen.values()]
    if identity is not None:
        chosen.append((identity, identity.config.styles))
    rows = np.stack([pack.rows[row] for pack, row in chosen])
    licence = " and ".join(dict.fromkeys(part for pack in packs for part in pack.licence.split(" and ")))
    licence = licence if len(licence) <= MAX_TEXT else "several licences; each style says under which it was made"
    recipe = {"merged": [entry for pack in packs for entry in _merged(pack)]}
    merged = network.with_rows(rows, [style for style, *_ in seen.values()], identity=identity is not None)
    return replace(merged, name=name, title=title, licence=licence, recipe=recipe)


def _merged(pack: StylePack) -> list[Any]:
    """Return the recipes that went into a pack: its own, or those of the packs that it was merged of, which so are never nested."""
    merged = pack.recipe.get("merged")
    if isinstance(merged, list) and len(pack.recipe) == 1:
        return merged
    return [{"pack": pack.name, "recipe": dict(pack.recipe)}]


def with_fast_head(pack: StylePack, kernel: int | None = None) -> StylePack:
    """Return the pack with a fast output to be trained: it begins as the fine one, every pixel four times.

    A pack that has one comes back as it is.

    Args:
        pack: of a family that can have one.
        kernel: side of its kernel; None is the family's choice. A smaller one than the fine output's begins with the middle of that.

    Raises:
        PackError: networks of its family have none.
    """
    if pack.config.has_fast_head:
        return pack
    try:
        config = pack.config.with_fast_head() if kernel is None else pack.config.with_fast_head(kernel)
    except ValueError as error:
        raise PackError(f"The pack '{pack.name}' cannot have a fast output: {error}.") from error
    fine, fast = config.graph(FINE).convs[-1], config.graph(FAST).convs[-1]
    copies, edge = config.graph(FAST).enlargement ** 2, (fine.kernel - fast.kernel) // 2
    weight = np.pad(pack.tensors[fine.weight], ((0, 0), (0, 0), *[(max(0, -edge),) * 2] * 2))
    middle = slice(max(0, edge), max(0, edge) + fast.kernel)
    weight = np.repeat(weight[..., middle, middle], copies, axis=0)  # the order of depth-to-space: channel, then place
    return replace(pack, config=config, tensors={**pack.tensors, fast.weight: np.ascontiguousarray(weight)})


def with_head_of(pack: StylePack, other: StylePack) -> StylePack:
    """Return `pack` with the fast output of another, such as that of the network which it was trained on from.

    Raises:
        PackError: `other` has none, or it has another shape.
    """
    head = other.config.graph(FAST).convs[-1] if other.config.has_fast_head else None
    if head is None:
        raise PackError(f"The pack '{other.name}' has no fast output; train one with `stylecam train fast-head`.")
    started = with_fast_head(replace(pack, config=pack.config.trunk_only()))
    own = started.config.graph(FAST).convs[-1]
    if own.weight_shape != head.weight_shape:
        raise PackError(f"The fast output of '{other.name}' does not fit the network of '{pack.name}'.")
    return replace(started, tensors={**started.tensors, own.weight: other.tensors[head.weight]})


def overlay(pack: StylePack, extra: StylePack) -> StylePack:
    """Return `pack` with the styles of `extra`: new ones behind its own, and in place of its own where the ids are the same.

    Raises:
        PackError: the trunks differ, or the styles are too many.
    """
    if pack.trunk != extra.trunk:
        names = ", ".join(style.title for style in extra.styles)
        raise PackError(f"{names} cannot join the pack '{pack.name}', which has another network; open the pack that it was made for.")
    styles = {style.id: (style, source, row) for source in (pack, extra) for row, style in enumerate(source.styles)}
    if len(styles) > MAX_STYLES:
        raise PackError(f"The pack '{pack.name}' would have {len(styles)} styles, but a pack can hold {MAX_STYLES}; leave some out.")
    chosen = [(source, row) for _, source, row in styles.values()]
    if pack.config.identity:
        chosen.append((pack, pack.config.styles))
    rows = np.stack([source.rows[row] for source, row in chosen])
    return pack.with_rows(rows, [style for style, *_ in styles.values()], identity=pack.config.identity)
