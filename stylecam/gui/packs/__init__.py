"""The menu of packs, and the dialog that manages them."""
