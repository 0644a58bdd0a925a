"""Evaluation of answer quality and speed."""
