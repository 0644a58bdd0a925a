"""How good an answer or a ranking is: pure functions on plain values, sources cited."""
