"""Where pictures come from: cameras, clips, streams, folders, a test pattern."""
