"""The words sent to the language model; imports nothing else of the project."""
