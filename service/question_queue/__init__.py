"""Who may use the language model next, and what happens to a question on its way."""
