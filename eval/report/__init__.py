"""Self-contained HTML report of a run: figures, slices, failures, every question with its evidence."""
