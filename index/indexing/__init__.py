"""Files to the store: find what changed, read, chunk, embed, commit."""
