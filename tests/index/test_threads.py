"""What many threads share gives each of them what it gives one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from index.locks import InOrder
from index.store import Catalog

SOON_S = 30.0
TEXTS = [
    "푸른숲 도서관은 가람동과 나래동에 분관을 새로 열었다.",
    "The libraries were building several new branches; visitors kept coming.",
    "축제는 2026년 5월 3일 강변에서 열리며 참가비는 무료이다.",
    "Organisers announced generous donations, celebrating anniversaries quickly.",
]


def test_who_came_first_is_let_in_first_though_another_comes_back_at_once() -> None:
    turns, order = InOrder(), list[str]()

    def ask() -> None:
        with turns:
            order.append("question")

    asking = threading.Thread(target=ask)
    for batch in range(3):
        with turns:
            order.append(f"batch {batch}")
            if batch == 0:
                asking.start()
                while not turns._waiting:
                    pass
    asking.join(SOON_S)
    assert order == ["batch 0", "question", "batch 1", "batch 2"]


def test_only_one_is_inside_at_a_time() -> None:
    turns, inside, most = InOrder(), [0], [0]

    def enter(_: int) -> None:
        with turns:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(2000)))
    assert (inside, most) == ([0], [1])


def test_threads_that_have_ended_leave_no_connection_open(tmp_path: Path) -> None:
    with Catalog(tmp_path / "store.sqlite") as catalog:
        for _ in range(20):
            thread = threading.Thread(target=catalog.counts)
            thread.start()
            thread.join(SOON_S)
        opened = [f for f in psutil.Process().open_files() if f.path == str(catalog.path)]
    assert len(opened) < 6  # of twenty-one; SQLite closes some a little later


@pytest.mark.models
def test_vectors_are_the_same_in_many_threads() -> None:
    import numpy as np

    from service import Inyong, wiring

    embedder = wiring.load_embedder(Inyong().settings)
    alone = [embedder.embed_question(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_question, TEXTS * 5))
    assert np.allclose(together, alone * 5, atol=1e-5)
