"""What an effect is: one stage of a frame's way, with its options beside the code that runs; state goes in and comes out."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from stylecam.core.params import Param, RenderParams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    #: uint8 RGB (H, W, 3).
    Image: TypeAlias = NDArray[np.uint8]


class Place(enum.IntEnum):
    """Where in the list a stage stands. Stages at the same place run in the order of their names."""

    SIZE = 10
    MIRROR = 20
    NETWORK = 30
    UPSCALE = 40
    COLOR = 50
    STRENGTH = 60
    TIME = 70
    FINISH = 80


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """What a stage sees.

    Args:
        photo: the frame as the stages before the network left it, uint8 RGB (H, W, 3).
        image: what all stages so far made of it, uint8 RGB (H, W, 3).
        params: the user's settings for this frame.
        turned: a control moved since the frame before, which must show at once: carry nothing over.
    """

    photo: Image
    image: Image
    params: RenderParams
    turned: bool = False


C = TypeVar("C", bound=Context, contravariant=True)


def _no_state() -> None:
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage(Generic[C]):
    """One stage.

    Args:
        name: as the status bar's times and messages name it.
        place: where in the list it runs.
        wanted: whether it runs for a frame; its state is dropped where it does not.
        run: takes the context and the state, and returns the new image and the new state.
        init: returns the state for the first frame of a source.
        params: the options that it declares.
        essential: without it the frame stays the photo: where it fails, nothing after it runs.
    """

    name: str
    place: int
    wanted: Callable[[C], bool]
    run: Callable[[C, Any], tuple[Image, Any]]
    init: Callable[[], Any] = _no_state
    params: tuple[Param[Any], ...] = ()
    essential: bool = False

    @property
    def prepares(self) -> bool:
        """Whether it stands before the network: what it makes is the photo for all others, and plain photos pass it too."""
        return self.place < Place.NETWORK


#: An effect: a stage that needs no network.
Effect: TypeAlias = Stage[Context]
