"""Other methods of style transfer, one file each."""
