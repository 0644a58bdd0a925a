"""A run as one page that opens anywhere: figures, slices, failures, every question with its evidence."""
