"""Speed, memory and quality on this machine: commands that print a table and write JSON."""
