"""What the machine could do, and what the network costs."""

import importlib

from stylecam.bench.speed import peaks
from stylecam.bench.speed.peaks import copy_gb_per_s, matrix_peaks


def test_peaks_are_measured(monkeypatch):
    """A product of matrices and a copy take some time, and OpenVINO always has f32."""
    monkeypatch.setattr(peaks, "_SIDE", 64)
    monkeypatch.setattr(peaks, "_COPY_MB", 1)
    assert matrix_peaks(("f32",))["f32"] > 0
    assert copy_gb_per_s() > 0


def test_without_openvino_there_are_no_peaks(monkeypatch):
    """The bench goes on without them."""

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert matrix_peaks() == {}
