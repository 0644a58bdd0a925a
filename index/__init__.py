"""Documents in, ranked passages out. Knows nothing of prompts, language models or HTTP."""
