"""GET /metrics, read as Prometheus reads it."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.errors import GenerationFailed
from service.storage.permissions import EVERYONE, Scope
from tests.service.api.conftest import QUESTION, Served

Samples = dict[tuple[str, ...], float]


def scrape(served: Served) -> Samples:
    """Value by name and label values."""
    response = served.client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def ask(served: Served, question: str = QUESTION) -> None:
    served.client.post("/v1/answers", json={"question": question})


def test_requests_are_counted_by_route_and_status(served: Served) -> None:
    served.client.get("/v1/models")
    served.client.post("/v1/search", json={"query": "예산"})
    served.client.post("/v1/search", json={"query": 7})
    served.client.request("BREW", "/secret/path?with=words")
    samples = scrape(served)
    counts = {key[1:]: n for key, n in samples.items() if key[0] == "inyong_http_requests_total"}
    assert counts == {
        ("GET", "/v1/models", "200"): 1,
        ("POST", "/v1/search", "200"): 1,
        ("POST", "/v1/search", "422"): 1,
        ("(other)", "(none)", "404"): 1,
    }
    assert samples["inyong_http_request_seconds_count", "/v1/search"] == 2
    assert not [key for key in samples if "secret" in str(key)]


def test_a_crash_is_counted_as_500(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("service.inyong.Inyong.find", crash)
    served.client.post("/v1/search", json={"query": "예산"})
    assert scrape(served)["inyong_http_requests_total", "POST", "/v1/search", "500"] == 1


def test_an_answer_is_timed_by_stage(served: Served) -> None:
    ask(served)
    samples = scrape(served)
    for stage in ("search", "select", "queue", "first_quote", "first_token", "generate", "ground", "total"):
        assert samples["inyong_stage_seconds_count", stage] == 1
    assert samples["inyong_stage_seconds_sum", "total"] > samples["inyong_stage_seconds_sum", "search"] > 0
    assert samples["inyong_tokens_total", "written"] == 4
    assert samples["inyong_tokens_total", "prompt"] > 4
    assert samples["inyong_generation_tokens_per_second_count",] == 1


def test_waiting_for_the_model_is_no_generation(served: Served) -> None:
    answer = served.backend.inyong.ask(QUESTION)
    slow = replace(answer, timings=replace(answer.timings, wait=4000.0, generate=1000.0, total=5100.0))
    served.backend.metrics.note_answer(slow, EVERYONE)
    samples = scrape(served)
    assert samples["inyong_stage_seconds_sum", "queue"] == 4.0
    assert samples["inyong_stage_seconds_sum", "generate"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("예산은 350억 원이 들었다.", "answered"),
        ("예산은 999억 원이 들었다.", "answered"),  # by its quotes
        (GenerationFailed("out of memory"), "answered"),  # likewise
        (RuntimeError("broken"), "failed"),
    ],
)
def test_answers_are_counted_by_how_they_ended(served: Served, reply: str | Exception, outcome: str) -> None:
    served.world.script(reply)
    ask(served)
    samples = scrape(served)
    counts = {key[1]: n for key, n in samples.items() if key[0] == "inyong_answers_total"}
    others = dict.fromkeys(("answered", "no_evidence", "failed", "abandoned"), 0.0)
    assert counts == others | {outcome: 1.0}
    assert samples["inyong_unsupported_numbers_total",] == ("999" in str(reply))


def test_the_queue_is_told(served: Served) -> None:
    with served.backend.queue.reserve("somebody") as ticket:
        ticket.wait()
        samples = scrape(served)
    assert samples["inyong_queue_running",] == samples["inyong_queue_held",] == 1
    assert samples["inyong_queue_waiting",] == 0
    assert samples["inyong_queue_places",] == served.backend.queue.n_places


def test_the_size_of_the_store_is_told(served: Served) -> None:
    samples = scrape(served)
    assert samples["inyong_index_documents",] == 2
    assert samples["inyong_index_passages",] == served.backend.inyong.catalog().counts()[1]
    assert samples["inyong_models_loaded",] == 1


def test_two_services_in_one_process_count_apart(served: Served) -> None:
    from service.api.metrics import Metrics

    served.client.get("/v1/models")
    assert b"/v1/models" not in Metrics().as_text()


def test_a_key_is_needed_and_one_that_is_limited_to_some_collections_does_not_do(served: Served) -> None:
    keys = served.backend.keys
    limited, whole = keys.add("team", ["town"], [Scope.ASK]), keys.add("prometheus", None, [Scope.ASK])
    told = {
        key: served.client.get("/metrics", headers={"Authorization": f"Bearer {key}"} if key else {})
        for key in ("", limited, whole)
    }
    assert [response.status_code for response in told.values()] == [401, 403, 200]
    assert ["inyong_" in response.text for response in told.values()] == [False, False, True]
