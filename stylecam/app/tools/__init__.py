"""Long work beside the live video that is no training, as child processes of the window."""
