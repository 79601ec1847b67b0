"""Still pictures: files in and out, whole folders, large sizes."""
