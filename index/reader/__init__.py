"""Retrieval's second stage: question and passages in; sentence scores, answer spans and a probability out."""
