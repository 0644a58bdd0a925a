"""One store and its models, shared by the threads of a service."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.service.conftest import World


def test_searches_find_what_stays_while_other_documents_come_and_go(world: World) -> None:
    with world.open() as inyong:
        inyong.search("예산")  # loads what is shared
        is_over = threading.Event()
        failures: list[str] = []

        def search(_: int) -> int:
            n = 0
            while not is_over.is_set():
                hits = inyong.search("푸른숲 도서관 분관의 예산", k=3)
                if not hits or "350억" not in "".join(hit.text for hit in hits):
                    failures.append(str(hits))
                n += 1
            return n

        with ThreadPoolExecutor(4) as pool:
            searches = [pool.submit(search, number) for number in range(4)]
            try:
                for number in range(6):
                    path = world.documents / f"note{number}.md"
                    path.write_text(f"# 쪽지 {number}\n\n" + "오늘은 맑았다. " * 60, encoding="utf-8")
                    inyong.index([path], collection="notes")
                    inyong.remove([f"note{number}.md"])
            finally:
                is_over.set()
            assert all(done.result() > 0 for done in searches)
    assert not failures
