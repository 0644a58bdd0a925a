"""List, fetch, verify and convert model weights on disk."""
