"""Quality metrics of answers and rankings: pure functions on plain values, sources cited."""
