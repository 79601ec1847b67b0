"""Networks: described as plain data (`ir`, `families`, `styles`, `cost`), run and trained by torch (`execute`, `module`)."""
