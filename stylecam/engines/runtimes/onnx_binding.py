"""ONNX Runtime with its inputs and its output bound to buffers on the device, which stay where they are from frame to frame.

Without it, every run allocates on the device and copies through memory of ONNX Runtime's own. Tested for real with buffers on the
processor; NOT YET RUN on a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import Image

_OUTPUT = "stylized"


class BoundSession:
    """A session of `build_graph` for one image size that returns the stylized image alone. Errors are ONNX Runtime's own.

    Args:
        runtime: the module onnxruntime.
        session: its session.
        device: "cuda" or "cpu".
        shapes: of the inputs and the output by name.
    """

    def __init__(self, runtime: Any, session: Any, device: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._session, self._binding = session, session.io_binding()
        self._buffers = {
            name: runtime.OrtValue.ortvalue_from_shape_and_type(shape, np.float32 if name == "styles" else np.uint8, device, 0)
            for name, shape in shapes.items()
        }
        for name, buffer in self._buffers.items():
            bind = self._binding.bind_ortvalue_output if name == _OUTPUT else self._binding.bind_ortvalue_input
            bind(name, buffer)

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> Image:
        """Stylize the image among `inputs`; the result is the caller's to keep."""
        for name, array in inputs.items():
            self._buffers[name].update_inplace(array)
        self._binding.synchronize_inputs()
        self._session.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        stylized: Image = self._buffers[_OUTPUT].numpy()
        # From a buffer on a GPU this is a copy; from one on the processor it is the buffer itself.
        return stylized if stylized.flags.owndata else stylized.copy()
