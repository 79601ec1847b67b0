"""The live session: sources, engine, packs, recordings."""
