"""Slack bot: store and acknowledge each question at once, then answer it in its thread, once."""
