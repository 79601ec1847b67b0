"""ONNX Runtime with its inputs and its output bound to buffers on the device, which stay where they are from frame to frame.

Without it, every run allocates on the device and copies through memory of ONNX Runtime's own. Tested for real with buffers on the processor
and with fakes; NOT YET RUN on a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stylecam.engines.base import Image, Vector


class BoundSession:
    """A session of `build_graph` for one picture size that returns the painting alone. Errors are ONNX Runtime's own.

    Args:
        runtime: the module onnxruntime.
        session: its session.
        device: "cuda" or "cpu".
        height: of the padded picture in pixels.
        width: likewise.
        scale_shift_size: numbers per style.
    """

    def __init__(self, runtime: Any, session: Any, device: str, height: int, width: int, scale_shift_size: int) -> None:
        def buffer(shape: tuple[int, ...], kind: type) -> Any:
            return runtime.OrtValue.ortvalue_from_shape_and_type(shape, kind, device, 0)

        self._session, self._binding = session, session.io_binding()
        self._image, self._painting = (buffer((height, width, 3), np.uint8) for _ in range(2))
        self._scale_shift = buffer((scale_shift_size,), np.float32)
        self._binding.bind_ortvalue_input("image", self._image)
        self._binding.bind_ortvalue_input("scale_shift", self._scale_shift)
        self._binding.bind_ortvalue_output("painting", self._painting)

    def __call__(self, image: Image, scale_shift: Vector) -> Image:
        """Repaint `image`; the result is the caller's to keep."""
        self._image.update_inplace(image)
        self._scale_shift.update_inplace(scale_shift)
        self._binding.synchronize_inputs()
        self._session.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        painting: Image = self._painting.numpy()
        # From a buffer on a GPU this is a copy; from one on the processor it is the buffer itself.
        return painting if painting.flags.owndata else painting.copy()
