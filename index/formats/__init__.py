"""Readers, one module per file format, behind one registry: bytes in, Document out."""
