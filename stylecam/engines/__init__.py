"""Programs that run a pack's network on a frame: OpenVINO, ONNX Runtime, torch."""
