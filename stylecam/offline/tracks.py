"""What a clip says about itself and its tracks, as far as it is still true of the stylized one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from av.container import InputContainer
from av.stream import Disposition, Stream

if TYPE_CHECKING:
    from av.container.core import Chapter

#: What MP4 can hold of a clip's own words: titles, who, when and where. Not how the old file was made or stored.
_KEPT = frozenset(
    [
        *("title", "artist", "album_artist", "album", "composer", "comment", "copyright", "creation_time", "date", "description"),
        *("synopsis", "genre", "grouping", "keywords", "location", "location-eng", "show", "episode_id", "network", "season_number"),
        *("episode_sort", "track", "com.apple.quicktime.creationdate", "com.apple.quicktime.location.iso6709"),
    ]
)
_LANGUAGE = "language"
_TRACK_KEPT = frozenset({_LANGUAGE, "title", "handler_name"})
#: These belong to a track's meaning; the others to how it is stored.
_DISPOSITIONS = (
    Disposition.default
    | Disposition.dub
    | Disposition.original
    | Disposition.comment
    | Disposition.hearing_impaired
    | Disposition.visual_impaired
    | Disposition.descriptions
)


def kept_metadata(container: InputContainer) -> dict[str, str]:
    """Return the words of a clip that are kept: title, artist, date and place of recording and their like."""
    return {key: value for key, value in container.metadata.items() if key.lower() in _KEPT}


def kept_chapters(container: InputContainer, start: Fraction) -> list[Chapter]:
    """Return the chapters of a clip, `start` seconds earlier: its clock's beginning is taken off."""
    kept: list[Chapter] = []
    for each in container.chapters():
        shift = round(start / (each["time_base"] or Fraction(1, 1000)))
        begin, end = max(0, each["start"] - shift), each["end"] - shift
        if end > begin:
            each["start"], each["end"] = begin, end
            kept.append(each)
    return kept


def describe(track: Stream, source: Stream) -> None:
    """Give a new track the language, the title and the part that its source plays, such as being the default one."""
    kept = {key.lower(): value for key, value in source.metadata.items() if key.lower() in _TRACK_KEPT}
    if "title" in kept:
        kept["handler_name"] = kept["title"]  # where MP4 has a track's title
    track.metadata.update(kept)
    track.disposition = source.disposition & _DISPOSITIONS
