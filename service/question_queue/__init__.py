"""Scheduling of the language model and progress events of running questions."""
