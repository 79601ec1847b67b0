"""Where frames go: clips, stills, virtual cameras."""
