"""Hybrid search: a vector index and a keyword index, both derived from the store, and their fusion."""
