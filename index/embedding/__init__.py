"""Text to vectors: the embedding model, and trained weights laid over it."""
