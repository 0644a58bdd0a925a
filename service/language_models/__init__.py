"""Run language models in this process (llama.cpp) or on OpenAI-compatible servers; manage weights on disk."""
