"""The HTTP API: one module per resource, and the table from errors to status codes."""
