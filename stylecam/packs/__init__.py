"""Style packs: tensors and JSON on disk, validated before use. Data, never code."""
