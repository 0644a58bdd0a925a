"""The generator over HTTP, against a real server on this machine that behaves well, badly and not at all."""

import socket
import time
from dataclasses import replace
from unittest.mock import patch

import pytest

from prompts.render import Message
from service.breaker import Breaker
from service.completions import Limits, why_unreachable
from service.errors import GenerationFailed, ServerUnavailable
from service.generate import GenerationRequest, OnText
from service.llm_server import LlmServer
from service.remote import RemoteGenerator, joined_to
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
PATIENT = Limits(connect_s=20, first_token_s=20, silence_s=20, whole_s=30, attempts=3)
IMPATIENT = replace(PATIENT, first_token_s=2)
QUICK = Limits(connect_s=1, first_token_s=0.4, silence_s=0.3, whole_s=2, attempts=3)
GOOD = say("아침 ", "아홉 시에 ", "엽니다.")
TEXT = "아침 아홉 시에 엽니다."


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.completions.wait_random_exponential", lambda **options: lambda state: 0.01)


def connect(server: ScriptedServer, model: str = "small", **options: object) -> RemoteGenerator:
    settings: dict[str, object] = {"limits": PATIENT, **options}
    return RemoteGenerator(LlmServer(server.url, model), **settings)  # type: ignore[arg-type]


def generate(generator: RemoteGenerator, on_text: OnText | None = None) -> str:
    return generator.generate(REQUEST, on_text).text


def test_the_answer_comes_piece_by_piece() -> None:
    pieces: list[str] = []
    with serving(GOOD) as server:
        assert generate(connect(server), pieces.append) == TEXT
    assert pieces == ["아침 ", "아홉 시에 ", "엽니다."]


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


def test_counts_and_confidence_are_the_servers_where_it_gives_them() -> None:
    usage = {"prompt_tokens": 31, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 12}}
    with serving(say("네", "!", logprob=-0.6931471805599453, usage=usage)) as server:
        made = connect(server).generate(REQUEST)
    assert (made.prompt_tokens, made.cached_prompt_tokens, made.completion_tokens) == (31, 0, 7)
    assert made.confidence == pytest.approx(0.5)


def test_counts_are_estimated_and_confidence_is_stated_where_it_does_not() -> None:
    with serving(GOOD) as server:
        generator = connect(server)
        made = generator.generate(REQUEST)
    assert made.prompt_tokens == sum(generator.count_tokens(m.content) for m in ASKED)
    assert (made.completion_tokens, made.confidence) == (3, None)


def test_a_refusal_is_never_doubted_for_a_server_would_only_repeat_it() -> None:
    with serving(say("문서에서 ", "확인되지 않습니다.", logprob=-3.0)) as server:
        assert connect(server).generate(REQUEST).first_confidence == 1.0


def test_the_time_to_the_first_token_counts_from_the_call() -> None:
    with serving(wait_before(0.1, GOOD)) as server:
        assert connect(server).generate(REQUEST).first_token_ms >= 100


@pytest.mark.parametrize("with_head", [False, True])
def test_a_slow_first_token_is_a_failure_that_is_tried_again(with_head: bool) -> None:
    with serving(wait_before(25, GOOD, with_head=with_head), GOOD) as server:
        assert generate(connect(server, limits=IMPATIENT)) == TEXT
    assert len(server.bodies) == 2


def test_heartbeats_are_no_first_token() -> None:
    limits = replace(QUICK, attempts=1)
    with serving(stall_after(heartbeats=True)) as server:
        with pytest.raises(ServerUnavailable, match=r"it wrote nothing for 0\.4 seconds"):
            generate(connect(server, limits=limits))
        assert server.hung_up.wait(20)


def test_an_answer_that_stalls_fails_and_is_not_begun_anew() -> None:
    pieces: list[str] = []
    with (
        serving(stall_after("아침 "), GOOD) as server,
        pytest.raises(GenerationFailed, match=r"silent for 0\.3 seconds in the middle of the answer"),
    ):
        generate(connect(server, limits=QUICK), pieces.append)
    assert (pieces, len(server.bodies)) == (["아침 "], 1)


def test_an_answer_that_breaks_off_fails_and_is_not_begun_anew() -> None:
    with (
        serving(break_off_after("아침 "), GOOD) as server,
        pytest.raises(GenerationFailed, match="broke off"),
    ):
        generate(connect(server))
    assert len(server.bodies) == 1


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


def test_a_listener_that_raises_hangs_up() -> None:
    def leave(piece: str) -> None:
        raise InterruptedError("nobody listens any more")

    with serving(babble()) as server:
        with pytest.raises(InterruptedError):
            generate(connect(server), leave)
        assert server.hung_up.wait(20)


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param([wait_before(30, GOOD)], id="before its head"),
        pytest.param([wait_before(30, GOOD, with_head=True)], id="before the first word"),
        pytest.param([stall_after("아침 ")], id="in the middle"),
        pytest.param([refuse(429, headers={"Retry-After": "8"})], id="while it asks for patience"),
    ],
)
def test_a_listener_can_leave_while_the_server_is_silent(acts: list[Act]) -> None:
    began = time.monotonic()

    def leave(piece: str) -> None:
        if not piece and time.monotonic() > began + 0.2:
            raise InterruptedError("nobody listens any more")

    breaker = Breaker(most_failures=1)
    with serving(*acts) as server:
        generator = connect(server, limits=Limits(), breaker=breaker)
        with pytest.raises(InterruptedError):
            generate(generator, leave)
        assert time.monotonic() - began < 20
    assert not breaker.is_open


def test_a_listener_can_leave_while_the_server_does_not_say_what_it_has() -> None:
    def leave(piece: str) -> None:
        raise InterruptedError("nobody listens any more")

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        began = time.monotonic()
        with pytest.raises(InterruptedError):
            generate(RemoteGenerator(LlmServer(url)), leave)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("with_head", [False, True])
def test_a_silent_server_is_hung_up_on(with_head: bool) -> None:
    limits = replace(QUICK, attempts=1)
    with serving(listen_in_silence(with_head=with_head)) as server:
        with pytest.raises(ServerUnavailable, match=r"wrote nothing for 0\.4 seconds"):
            generate(connect(server, limits=limits))
        assert server.hung_up.wait(20)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    with serving(GOOD, refuse(status), GOOD) as server:
        generator = connect(server)
        assert [generate(generator), generate(generator)] == [TEXT, TEXT]
    assert len(server.bodies) == 3


def test_it_gives_up_after_so_many_attempts_and_repeats_what_the_server_said() -> None:
    with (
        serving(refuse(503, "the model is loading")) as server,
        pytest.raises(ServerUnavailable, match="status 503: the model is loading; see that it runs"),
    ):
        generate(connect(server))
    assert len(server.bodies) == 3


def test_it_waits_as_long_as_a_busy_server_asks() -> None:
    with serving(refuse(429, headers={"Retry-After": "1"}), GOOD) as server:
        began = time.monotonic()
        assert generate(connect(server, limits=replace(QUICK, whole_s=5))) == TEXT
        assert time.monotonic() - began >= 1.0


def test_it_does_not_wait_long_but_tells_for_how_long() -> None:
    with (
        serving(refuse(429, headers={"Retry-After": "120"})) as server,
        pytest.raises(ServerUnavailable) as caught,
    ):
        generate(connect(server))
    assert (caught.value.retry_after_s, len(server.bodies)) == (120.0, 1)


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


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_server_that_refuses_the_extras_is_asked_without_from_then_on(status: int) -> None:
    def picky(exchange: object) -> None:
        act: Act = refuse(status) if "logprobs" in exchange.body else GOOD  # type: ignore[attr-defined]
        act(exchange)  # type: ignore[arg-type]

    with serving(picky) as server:
        generator = connect(server)
        assert [generate(generator), generate(generator)] == [TEXT, TEXT]
    assert ["seed" in body for body in server.bodies] == [True, False, False]


def test_one_failure_does_not_take_the_extras_from_a_server_that_knows_them() -> None:
    with serving(GOOD, refuse(500), GOOD) as server:
        generator = connect(server)
        generate(generator), generate(generator)
    assert ["seed" in body for body in server.bodies] == [True, True, True]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (send_raw(200, "text/html", "<html>proxy</html>"), "its reply is no stream of events"),
        (send_raw(200, "text/event-stream", "data: {oops\n\n"), "an event is no JSON"),
        (send_raw(200, "text/event-stream", "data: [1]\n\n"), "an event is no JSON object"),
        (send_raw(200, "text/event-stream", "data: {}\n\n"), "an event has no choices"),
        (send_raw(200, "text/event-stream", 'data: {"choices": [3]}\n\n'), "an event has no choices"),
        (
            send_raw(200, "text/event-stream", 'data: {"choices": [{"delta": {"content": [1]}}]}\n\n'),
            "an event's content is no text",
        ),
        (send_raw(200, "text/event-stream", "data: " + "[" * 100_000 + "\n\n"), "an event is no JSON"),
        (send_raw(200, "text/event-stream", "x" * 2_000_000), "more than an answer has"),
        (
            send_raw(200, "text/event-stream", 'data: {"error": {"message": "out of memory"}}\n\n'),
            "it reports: out of memory",
        ),
    ],
)
def test_garbage_is_a_failure_in_words(act: Act, message: str) -> None:
    with serving(act) as server, pytest.raises(ServerUnavailable, match=message):
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
    with pytest.raises(ServerUnavailable, match=r"could not be reached .*; see that it runs, or set llm to"):
        generate(generator)


def test_the_breaker_opens_after_failures_and_closes_after_a_good_trial() -> None:
    now = [0.0]
    breaker = Breaker(most_failures=3, rest_s=15, clock=lambda: now[0])
    with serving(refuse(503), refuse(503), refuse(503), GOOD) as server:
        generator = connect(server, breaker=breaker)
        with pytest.raises(ServerUnavailable, match="status 503"):
            generate(generator)
        with pytest.raises(ServerUnavailable, match=r"failed 3 times in a row; .* in 15 seconds") as caught:
            generate(generator)
        assert (len(server.bodies), caught.value.retry_after_s) == (3, 15.0)
        now[0] = 16.0
        assert [generate(generator), generate(generator)] == [TEXT, TEXT]


def test_a_busy_server_and_a_bad_request_do_not_open_the_breaker() -> None:
    breaker = Breaker(most_failures=1)
    with serving(refuse(429), refuse(404)) as server, pytest.raises(GenerationFailed):
        generate(connect(server, breaker=breaker))
    assert not breaker.is_open


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(GOOD) as server:
        assert generate(connect(server)) == TEXT


OPENING = "도서관은 아침에 엽니다. 시간은"
CONTINUED = GenerationRequest(ASKED, max_tokens=9, opening=OPENING)


def test_a_server_that_can_goes_on_with_the_opening() -> None:
    pieces: list[str] = []
    with serving(say("ld"), say(" 아홉", " 시입니다."), say(" 열 시입니다.")) as server:
        generator = connect(server)
        made = generator.generate(CONTINUED, pieces.append)
        generator.generate(CONTINUED)
    assert made.text == f"{OPENING} 아홉 시입니다."
    assert [*filter(None, pieces)] == [" 아홉", " 시입니다."]
    probe, first, second = server.bodies
    assert probe["messages"][-1] == {"role": "assistant", "content": "Hello wor"}
    assert first["messages"][-1] == {"role": "assistant", "content": OPENING}
    assert first["continue_final_message"] is True
    assert second["messages"] == first["messages"]


def test_a_server_that_goes_on_by_itself_is_not_sent_the_fields() -> None:
    with serving(refuse(400), refuse(400), say("ld"), say(" 아홉 시입니다.")) as server:
        made = connect(server).generate(CONTINUED)
    assert made.text == f"{OPENING} 아홉 시입니다."
    assert "continue_final_message" not in server.bodies[-1]


def test_a_server_that_cannot_is_asked_in_words_and_its_repetition_is_cut() -> None:
    pieces: list[str] = []
    with serving(say("Hello world"), say("Hello world"), say("시간은", " 아홉 시입니다.")) as server:
        made = connect(server).generate(CONTINUED, pieces.append)
    assert made.text == f"{OPENING} 아홉 시입니다."
    assert [*filter(None, pieces)] == [" 아홉 시입니다."]
    assert [message["role"] for message in server.bodies[-1]["messages"]][-2:] == ["assistant", "user"]
    assert "이어서 쓰세요" in server.bodies[-1]["messages"][-1]["content"]


def test_how_a_server_goes_on_is_not_decided_while_it_is_down() -> None:
    with serving(refuse(503), refuse(503), refuse(503), say("ld"), say(" 아홉 시.")) as server:
        generator = connect(server)
        with pytest.raises(ServerUnavailable):
            generator.generate(CONTINUED)
        assert generator.generate(CONTINUED).text == f"{OPENING} 아홉 시."


@pytest.mark.parametrize(
    ("opening", "text", "rest"),
    [
        ("금액은", " 350억 원입니다.", " 350억 원입니다."),
        ("금액은", "350억 원입니다.", " 350억 원입니다."),
        ("예산이 있다. 금액은", "금액은 350억 원입니다.", " 350억 원입니다."),
        ("The amount is", "The amount is 35 won.", " 35 won."),
        ("It was built. The amount is", "is 35 won.", " 35 won."),
        ("금액은", "", ""),
    ],
)
def test_the_rest_is_joined_to_the_opening(opening: str, text: str, rest: str) -> None:
    assert joined_to(opening, text) == rest


def test_tokens_are_estimated_from_letters() -> None:
    with patch("httpx.Client"):
        generator = RemoteGenerator(LlmServer("http://127.0.0.1:1/v1", "small"))
    assert generator.count_tokens("") == 0
    assert generator.count_tokens("도서관 분관") == 5  # 5 syllables, 0.95 each
    assert generator.count_tokens("350") == 5  # 4.5, and never less than it is


def test_why_a_server_cannot_be_reached_is_said() -> None:
    with serving(GOOD) as server:
        assert why_unreachable(LlmServer(server.url), None) == ""
    assert "could not be reached" in why_unreachable(LlmServer(server.url), None)
