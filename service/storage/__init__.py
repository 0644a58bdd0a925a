"""Store the service's own data: API keys and permissions, answers, uploads."""
