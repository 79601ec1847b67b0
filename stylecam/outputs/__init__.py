"""Where pictures go: clips, stills, virtual cameras."""
