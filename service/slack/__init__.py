"""The Slack bot: a question written down and acknowledged at once, answered in its thread, never twice."""
