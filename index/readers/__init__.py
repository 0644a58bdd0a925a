"""One module a file format, behind one registry: bytes in, Document out."""
