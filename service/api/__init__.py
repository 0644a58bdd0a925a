"""The service over HTTP: one module a resource, and the table from errors to status codes."""
