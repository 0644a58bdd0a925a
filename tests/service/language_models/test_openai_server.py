"""The generator over HTTP, against a real server on this machine that behaves well, badly and not at all."""

import socket
import time
from dataclasses import replace

import pytest

from prompts.render import Message
from service.errors import GenerationFailed
from service.language_models.openai_server import Limits, RemoteGenerator, why_unreachable
from service.language_models.server_address import LlmServer
from service.language_models.types import Check, GenerationRequest
from tests.llm_server import (
    Act,
    ScriptedServer,
    babble,
    break_off_after,
    listen_in_silence,
    refuse,
    say,
    send_raw,
    serving,
    stall_after,
    wait_before,
)

ASKED = [Message("system", "짧게 답하세요."), Message("user", "도서관은 몇 시에 여나요?")]
REQUEST = GenerationRequest(ASKED, max_tokens=40)
PATIENT = Limits(connect_s=20, first_token_s=20, silence_s=20, whole_s=30)
IMPATIENT = replace(PATIENT, first_token_s=2)
QUICK = Limits(connect_s=1, first_token_s=0.4, silence_s=0.3, whole_s=2)
GOOD = say("아침 ", "아홉 시에 ", "엽니다.")
TEXT = "아침 아홉 시에 엽니다."


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.language_models.openai_server._PAUSE_S", 0.01)


def connect(server: ScriptedServer, model: str = "small", **options: object) -> RemoteGenerator:
    settings: dict[str, object] = {"limits": PATIENT, **options}
    return RemoteGenerator(LlmServer(server.url, model), **settings)  # type: ignore[arg-type]


def generate(generator: RemoteGenerator, check: Check = lambda: None) -> str:
    return generator.generate(REQUEST, check).text


def test_the_pieces_make_up_the_answer() -> None:
    with serving(GOOD) as server:
        assert generate(connect(server)) == TEXT


def test_it_asks_greedily_with_a_seed_and_a_bound() -> None:
    with serving(GOOD) as server:
        generate(connect(server))
    (body,) = server.bodies
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in ASKED]
    wanted = {"model": "small", "temperature": 0, "seed": 0, "max_tokens": 40, "stream": True}
    assert body.items() >= wanted.items()


def test_the_key_is_sent_as_a_bearer_token() -> None:
    with serving(GOOD) as server:
        generate(connect(server, key="open-sesame"))
    assert server.headers[0]["Authorization"] == "Bearer open-sesame"


def test_without_a_model_the_first_that_the_server_lists_is_asked() -> None:
    with serving(GOOD, models=("first", "second")) as server:
        generate(connect(server, model=""))
    assert server.bodies[0]["model"] == "first"


def test_a_server_that_lists_no_model_is_told() -> None:
    with serving(GOOD, models=()) as server, pytest.raises(GenerationFailed, match="name one behind #"):
        generate(connect(server, model=""))


def test_counts_are_the_servers() -> None:
    usage = {"prompt_tokens": 31, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 12}}
    with serving(say("네", "!", usage=usage)) as server:
        made = connect(server).generate(REQUEST)
    assert (made.prompt_tokens, made.cached_prompt_tokens, made.completion_tokens) == (31, 0, 7)


def test_pieces_are_counted_where_the_server_counts_nothing() -> None:
    with serving(GOOD) as server:
        made = connect(server).generate(REQUEST)
    assert (made.prompt_tokens, made.completion_tokens) == (0, 3)


def test_an_answer_cut_at_the_limit_is_not_finished() -> None:
    body = 'data: {"choices": [{"delta": {"content": "아침"}, "finish_reason": "length"}]}\n\n'
    with serving(send_raw(200, "text/event-stream", body)) as server:
        assert not connect(server).generate(REQUEST).finished


def test_the_time_to_the_first_token_counts_from_the_call() -> None:
    with serving(wait_before(0.1, GOOD)) as server:
        assert connect(server).generate(REQUEST).first_token_ms >= 100


@pytest.mark.parametrize("with_head", [False, True])
def test_a_slow_first_token_is_a_failure_that_is_tried_again(with_head: bool) -> None:
    with serving(wait_before(25, GOOD, with_head=with_head), GOOD) as server:
        assert generate(connect(server, limits=IMPATIENT)) == TEXT
    assert len(server.bodies) == 2


def test_heartbeats_are_no_first_token() -> None:
    with serving(stall_after(heartbeats=True)) as server:
        with pytest.raises(GenerationFailed, match=r"it wrote nothing for 0\.4 seconds"):
            generate(connect(server, limits=QUICK))
        assert server.hung_up.wait(20)


@pytest.mark.parametrize("act", [stall_after("아침 "), break_off_after("아침 ")])
def test_an_answer_that_is_not_whole_is_asked_for_again(act: Act) -> None:
    with serving(act, GOOD) as server:
        assert generate(connect(server, limits=replace(PATIENT, silence_s=0.3))) == TEXT
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (stall_after("아침 "), r"silent for 0\.3 seconds in the middle of the answer"),
        (break_off_after("아침 "), "broke off"),
    ],
)
def test_an_answer_that_is_never_whole_is_a_failure(act: Act, message: str) -> None:
    with serving(act) as server, pytest.raises(GenerationFailed, match=message):
        generate(connect(server, limits=QUICK))


def test_the_whole_answer_has_a_limit() -> None:
    limits = replace(QUICK, whole_s=0.3)
    began = time.monotonic()
    with serving(babble()) as server, pytest.raises(GenerationFailed, match=r"not whole after 0\.3 seconds"):
        connect(server, limits=limits).generate(replace(REQUEST, max_tokens=100_000))
    assert time.monotonic() - began < 20


def test_a_server_that_does_not_stop_is_left() -> None:
    with serving(babble()) as server:
        text = connect(server).generate(replace(REQUEST, max_tokens=5)).text
        assert 5 * 16 < len(text) <= 5 * 16 + 2
        assert server.hung_up.wait(20)


def leave() -> None:
    raise InterruptedError("nobody waits any more")


def test_a_check_that_raises_hangs_up() -> None:
    with serving(babble()) as server:
        with pytest.raises(InterruptedError):
            connect(server).generate(replace(REQUEST, max_tokens=100_000), leave_after(server))
        assert server.hung_up.wait(20)


def leave_after(server: ScriptedServer) -> Check:
    """A check that raises as soon as the server has got a request."""

    def check() -> None:
        if server.bodies:
            leave()

    return check


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param([wait_before(30, GOOD)], id="before its head"),
        pytest.param([wait_before(30, GOOD, with_head=True)], id="before the first word"),
        pytest.param([stall_after("아침 ")], id="in the middle"),
    ],
)
def test_the_caller_can_leave_while_the_server_is_silent(acts: list[Act]) -> None:
    began = time.monotonic()
    with serving(*acts, GOOD) as server:
        generator = connect(server, limits=Limits())
        with pytest.raises(InterruptedError):
            generate(generator, leave_after(server))
        assert time.monotonic() - began < 20
        assert generate(generator) == TEXT  # that was no failure of the server


def test_the_caller_can_leave_while_the_server_does_not_say_what_it_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        began = time.monotonic()
        with pytest.raises(InterruptedError):
            generate(RemoteGenerator(LlmServer(url)), leave)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("with_head", [False, True])
def test_a_silent_server_is_hung_up_on(with_head: bool) -> None:
    with serving(listen_in_silence(with_head=with_head)) as server:
        with pytest.raises(GenerationFailed, match=r"wrote nothing for 0\.4 seconds"):
            generate(connect(server, limits=QUICK))
        assert server.hung_up.wait(20)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    with serving(GOOD, refuse(status), GOOD) as server:
        generator = connect(server)
        assert [generate(generator), generate(generator)] == [TEXT, TEXT]
    assert len(server.bodies) == 3


def test_it_gives_up_after_two_tries_and_repeats_what_the_server_said() -> None:
    with (
        serving(refuse(503, "the model is loading")) as server,
        pytest.raises(GenerationFailed, match="status 503: the model is loading; see that it runs"),
    ):
        generate(connect(server))
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("status", "message"), [(401, "refused the key .*; set llm_key"), (404, "status 404: no such model")]
)
def test_a_lasting_refusal_is_not_tried_again(status: int, message: str) -> None:
    with serving(refuse(status, "no such model")) as server, pytest.raises(GenerationFailed, match=message):
        generate(connect(server, key="secret-word"))
    assert len(server.bodies) == 1


def test_the_key_stands_in_no_error() -> None:
    with serving(refuse(401, "wrong key")) as server, pytest.raises(GenerationFailed) as caught:
        generate(connect(server, key="secret-word"))
    assert "secret-word" not in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    with serving(GOOD) as other, serving(refuse(307, headers={"Location": other.url})) as server:
        with pytest.raises(GenerationFailed, match="status 307"):
            generate(connect(server, key="secret-word"))
        assert not other.bodies


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_the_extras_is_asked_without_from_then_on(status: int) -> None:
    def picky(exchange: object) -> None:
        act: Act = refuse(status) if "seed" in exchange.body else GOOD  # type: ignore[attr-defined]
        act(exchange)  # type: ignore[arg-type]

    with serving(picky) as server:
        generator = connect(server)
        assert [generate(generator), generate(generator)] == [TEXT, TEXT]
    assert ["seed" in body for body in server.bodies] == [True, False, False]


def test_a_request_that_is_bad_in_itself_does_not_take_the_extras_from_the_next() -> None:
    with serving(refuse(400), refuse(400), GOOD) as server:
        generator = connect(server)
        with pytest.raises(GenerationFailed, match="status 400"):
            generate(generator)
        generate(generator)
    assert ["seed" in body for body in server.bodies] == [True, False, True]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (send_raw(200, "text/html", "<html>proxy</html>"), "its reply is no stream of events"),
        *(
            (send_raw(200, "text/event-stream", f"data: {data}\n\n"), "an event is not one of a chat")
            for data in (
                "{oops",
                "[1]",
                "{}",
                '{"choices": [3]}',
                '{"choices": [{"delta": {"content": [1]}}]}',
                "[" * 100_000,
            )
        ),
        (send_raw(200, "text/event-stream", "x" * 5_000_000), "more than an answer has"),
        (
            send_raw(200, "text/event-stream", 'data: {"error": {"message": "out of memory"}}\n\n'),
            "it reports: out of memory",
        ),
    ],
)
def test_garbage_is_reported_as_a_failure(act: Act, message: str) -> None:
    with serving(act) as server, pytest.raises(GenerationFailed, match=message):
        generate(connect(server))


def test_half_a_character_is_replaced() -> None:
    with serving(say("가\ud83d나")) as server:
        assert generate(connect(server)) == "가?나"


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_a_refused_connection_is_one_sentence_with_a_next_step() -> None:
    generator = RemoteGenerator(LlmServer(f"http://127.0.0.1:{closed_port()}/v1", "small"), limits=QUICK)
    with pytest.raises(GenerationFailed, match=r"could not be reached .*; see that it runs, or set llm to"):
        generate(generator)


def test_after_a_failure_the_server_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.language_models.openai_server._COOLDOWN_S", 0.5)
    with serving(refuse(503), refuse(503), GOOD) as server:
        generator = connect(server)
        with pytest.raises(GenerationFailed, match="status 503"):
            generate(generator)
        with pytest.raises(GenerationFailed, match="failed recently; the next attempt is in"):
            generate(generator)
        assert len(server.bodies) == 2
        time.sleep(0.5)
        assert generate(generator) == TEXT


@pytest.mark.parametrize("status", [404, 429])
def test_a_busy_server_and_a_bad_request_are_no_reason_to_leave_it_alone(status: int) -> None:
    with serving(*[refuse(status)] * (2 if status == 429 else 1), GOOD) as server:
        generator = connect(server)
        with pytest.raises(GenerationFailed):
            generate(generator)
        assert generate(generator) == TEXT


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(GOOD) as server:
        assert generate(connect(server)) == TEXT


def test_why_a_server_cannot_be_reached_is_said() -> None:
    with serving(GOOD) as server:
        assert why_unreachable(LlmServer(server.url), None) == ""
    assert "could not be reached" in why_unreachable(LlmServer(server.url), None)
