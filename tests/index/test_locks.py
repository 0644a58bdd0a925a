"""Readers together, a writer alone."""

import threading
import time

from index.locks import SharedLock

SOON_S = 0.1
LATE_S = 10


def test_two_may_read_at_once() -> None:
    lock = SharedLock()
    both = threading.Barrier(2, timeout=LATE_S)

    def read() -> None:
        with lock.reading():
            both.wait()

    thread = threading.Thread(target=read)
    thread.start()
    read()
    thread.join(LATE_S)
    assert not both.broken


def test_a_writer_is_alone() -> None:
    lock = SharedLock()
    inside: list[str] = []
    overlaps: list[list[str]] = []

    def work(name: str, writes: bool) -> None:
        for _ in range(50):
            with lock.writing() if writes else lock.reading():
                inside.append(name)
                if writes and len(inside) > 1:
                    overlaps.append(list(inside))
                time.sleep(0.0005)
                inside.remove(name)

    threads = [threading.Thread(target=work, args=(f"{n}", n < 2)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LATE_S)
    assert (overlaps, inside) == ([], [])


def test_a_waiting_writer_goes_before_new_readers() -> None:
    lock = SharedLock()
    order: list[str] = []

    def write() -> None:
        with lock.writing():
            order.append("writer")

    def read() -> None:
        with lock.reading():
            order.append("reader")

    with lock.reading():
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(SOON_S)
        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(SOON_S)
        assert order == []
    for thread in (writer, reader):
        thread.join(LATE_S)
    assert order == ["writer", "reader"]
