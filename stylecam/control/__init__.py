"""What the user has set, and the commands that change it. No Qt."""
