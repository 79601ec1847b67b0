"""Programs that run a graph: OpenVINO, ONNX Runtime, torch."""
