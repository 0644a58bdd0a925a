"""How Slack signs what it sends over HTTP.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac


def signed_headers(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """The headers that prove where a body comes from. timestamp: seconds since 1970."""
    base = b"v0:%d:%s" % (timestamp, body)
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}
