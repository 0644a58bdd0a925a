"""Question sets, one module a format."""
