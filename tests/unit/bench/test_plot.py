"""The speed table as a chart."""

from xml.etree import ElementTree

from stylecam.bench.speed.plot import bar_chart
from stylecam.bench.speed.report import SpeedRow

ROWS = [
    SpeedRow("engine", "openvino", "bf16", "live32", 640, 480, 50.0, 55.0, 20.0, 2.0),
    SpeedRow("peer", "peer <&>", "f32", "", 640, 480, 100.0, 110.0, 10.0, None),
    SpeedRow("app", "openvino", "bf16", "live32", 1280, 720, 10.0, 12.0, 100.0, None, recording=True),
]


def test_bars_are_as_long_as_the_times():
    """It is well-formed SVG; in each group the slowest row has the longest bar, and half the time is half as long."""
    root = ElementTree.fromstring(bar_chart(ROWS, "times & more"))
    bars = [float(bar.get("width")) for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("rx")]
    assert len(bars) == 3
    assert bars[0] * 2 == bars[1] == bars[2]
    words = " ".join(text.text for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "640 × 480" in words
    assert "1280 × 720" in words
    assert "app, openvino, recording bf16" in words
    assert "peer <&> f32" in words
    assert "50.0 ms" in words
