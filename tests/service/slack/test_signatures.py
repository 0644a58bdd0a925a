"""Whose requests are taken."""

import hashlib
import hmac

import pytest

from service.slack.app import Signatures

NOW = 1_700_000_000
BODY = b'{"type": "event_callback"}'


def signed(timestamp: str, body: bytes = BODY, key: bytes = b"secret") -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(key, base, hashlib.sha256).hexdigest()


def test_slacks_own_example_is_proven() -> None:
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlg"
        b"cZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    signatures = Signatures("8f742231b10e8888abcd99yyyzzz85a5", lambda: 1531420618.0)
    assert signatures.proves(body, "1531420618", signature)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_allowed(seconds: int) -> None:
    timestamp = str(NOW + seconds)
    assert Signatures("secret", lambda: NOW).proves(BODY, timestamp, signed(timestamp))


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        (str(NOW - 301), signed(str(NOW - 301))),
        (str(NOW + 301), signed(str(NOW + 301))),
        (str(NOW), signed(str(NOW), key=b"other")),
        (str(NOW), signed(str(NOW), b"{}")),
        (str(NOW), signed(str(NOW - 1))),
        (str(NOW), ""),
        (str(NOW), "v0=\udcff"),
        ("", signed("")),
        ("soon", signed("soon")),
        ("١٧٠٠٠٠٠٠٠٠", signed("١٧٠٠٠٠٠٠٠٠")),
        ("9" * 5000, signed("9" * 5000)),
    ],
)
def test_everything_else_is_refused(timestamp: str, signature: str) -> None:
    assert not Signatures("secret", lambda: NOW).proves(BODY, timestamp, signature)


def test_what_was_answered_is_refused_and_what_failed_may_come_again() -> None:
    signatures, timestamp = Signatures("secret", lambda: NOW), str(NOW)
    assert signatures.proves(BODY, timestamp, signed(timestamp))
    assert signatures.proves(BODY, timestamp, signed(timestamp))
    signatures.note_answered(signed(timestamp))
    assert not signatures.proves(BODY, timestamp, signed(timestamp))
    later = str(NOW + 1)
    assert signatures.proves(BODY, later, signed(later))


def test_signatures_are_known_for_as_long_as_they_are_good() -> None:
    now = [float(NOW)]
    signatures, early = Signatures("secret", lambda: now[0]), str(NOW + 300)
    signatures.note_answered(signed(early))
    now[0] += 600
    signatures.note_answered("v0=another")
    assert not signatures.proves(BODY, early, signed(early))
    now[0] += 1
    signatures.note_answered("v0=a third")
    assert len(signatures._answered) == 2
