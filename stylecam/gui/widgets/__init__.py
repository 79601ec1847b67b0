"""Small widgets that know nothing of stylecam."""
