"""Ingestion and retrieval: documents in, ranked passages out. Independent of prompts, LLMs and HTTP."""
