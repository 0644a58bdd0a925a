import time

import httpx
import pytest

from service.event_stream import EventStream, ServerFailure


def test_an_unforeseen_error_is_told_at_once_and_not_waited_for() -> None:
    client = httpx.Client()
    request = client.build_request("POST", "http://127.0.0.1:9/v1/chat/completions")
    client.close()  # sending raises a RuntimeError now, which is none of httpx's own errors
    with pytest.raises(ServerFailure, match="RuntimeError"):
        EventStream(client, request).next_event(time.monotonic() + 10)
