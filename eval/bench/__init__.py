"""Benchmarks of speed, memory and quality: commands that print a table and write JSON."""
