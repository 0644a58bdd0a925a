"""Files into the store: what is new, changed, moved, gone; what fails; what an interruption leaves."""

import os
import shutil
import tempfile
import unicodedata
from pathlib import Path

import pytest

from index.errors import IndexingError, StoreUnavailable
from index.indexing.indexer import Options
from index.indexing.progress import Progress, Step
from index.search.keyword_index import MorphemeAnalyzer
from tests.index.bench import Bench, make_bench, stop_when

PRUNE = Options(prune=True)


# New, changed, unchanged


def test_new_file_is_stored_as_it_reads(bench: Bench) -> None:
    bench.write("a.txt", "첫 문장이다. 둘째 문장이다.\n")

    report = bench.index()

    assert (report.added, report.n_passages) == (["a.txt"], 1)
    assert bench.text_of("a.txt") == "첫 문장이다. 둘째 문장이다."
    document = bench.by_source()["a.txt"]
    assert (document.collection, document.media_type) == ("default", "text/plain")
    assert document.origin == str(bench.docs / "a.txt")


def test_passages_and_their_sentences_are_spans_of_the_stored_text(bench: Bench) -> None:
    paragraphs = [f"대구시가 {number}차 사업에 선정됐다. 예산은 {number}억 원이다." for number in range(40)]
    bench.write("a.txt", "\n\n".join(paragraphs))
    bench.index()
    text = bench.text_of("a.txt")
    passages = bench.catalog.passages(bench.catalog.passage_ids([bench.by_source()["a.txt"].id]))

    assert len(passages) > 1
    for passage in passages.values():
        assert passage.text == text[passage.span.start : passage.span.end]
        assert all(text[s.start : s.end].endswith("다.") for s in passage.sentences)


def test_indexed_file_is_found_at_once(bench: Bench) -> None:
    bench.write("a.txt")
    bench.index()
    assert bench.indexer.derived.in_step()
    assert len(bench.indexer.derived.lexical.search(["선정"], 5)) == 1


def test_unchanged_file_is_not_embedded_again(bench: Bench) -> None:
    bench.write("a.txt")
    bench.index()
    n_embedded = len(bench.embedder.embedded)

    report = bench.index()

    assert (report.unchanged, report.added, report.changed) == (["a.txt"], [], [])
    assert len(bench.embedder.embedded) == n_embedded


def test_changed_file_is_replaced_under_the_same_id(bench: Bench) -> None:
    bench.write("a.txt", "옛 글이다.")
    bench.index()
    ident = bench.by_source()["a.txt"].id
    bench.write("a.txt", "새 글이다.")

    report = bench.index()

    assert (report.changed, report.added) == (["a.txt"], [])
    assert bench.by_source()["a.txt"].id == ident
    assert bench.text_of("a.txt") == "새 글이다."
    assert bench.catalog.counts() == (1, 1)


def test_id_does_not_depend_on_where_the_folder_lies(bench: Bench) -> None:
    bench.write("one/sub/a.txt")
    bench.index(bench.docs / "one")
    ident = bench.by_source()["sub/a.txt"].id
    bench.catalog.remove_document(ident)
    shutil.move(bench.docs / "one", bench.docs / "two")
    bench.index(bench.docs / "two")
    assert bench.by_source()["sub/a.txt"].id == ident


def test_collections_hold_the_same_file_apart(bench: Bench) -> None:
    bench.write("a.txt")
    bench.index(options=Options(collection="one"))
    report = bench.index(options=Options(collection="two"))

    assert report.added == ["a.txt"]
    assert [d.collection for d in bench.catalog.documents()] == ["one", "two"]


def test_two_files_of_the_same_content_are_both_kept(bench: Bench) -> None:
    bench.write("a.txt")
    bench.write("b.txt")
    assert bench.index().added == ["a.txt", "b.txt"]
    assert bench.catalog.counts() == (2, 2)


def test_same_name_under_two_folders_is_two_documents(bench: Bench) -> None:
    bench.write("one/a.txt", "하나이다.")
    bench.write("two/a.txt", "둘이다.")

    bench.index(bench.docs / "one")
    bench.index(bench.docs / "two")
    report = bench.index(bench.docs / "one", bench.docs / "two")

    texts = {bench.catalog.read_text(d.id) for d in bench.catalog.documents()}
    assert texts == {"하나이다.", "둘이다."}
    assert report.unchanged == ["a.txt", "a.txt"]


def test_same_name_stored_by_another_run_meanwhile_is_another_document(bench: Bench) -> None:
    bench.write("a.txt", "하나이다.")
    other = bench.docs.parent / "other"
    other.mkdir()
    (other / "a.txt").write_text("둘이다.")

    def meanwhile(progress: Progress) -> None:
        if progress.step is Step.EMBEDDING and not progress.passages_done:
            bench.indexer.index_paths([other])

    bench.indexer.index_paths([bench.docs], None, meanwhile)

    documents = bench.catalog.documents()
    assert {bench.catalog.read_text(document.id) for document in documents} == {"하나이다.", "둘이다."}
    assert len({document.id for document in documents}) == 2
    assert bench.index(bench.docs, other).unchanged == ["a.txt", "a.txt"]


def test_same_file_stored_by_another_run_meanwhile_is_one_document(bench: Bench) -> None:
    bench.write("a.txt", "하나이다.")

    def meanwhile(progress: Progress) -> None:
        if progress.step is Step.EMBEDDING and not progress.passages_done:
            bench.indexer.index_paths([bench.docs])

    bench.indexer.index_paths([bench.docs], None, meanwhile)

    assert bench.catalog.counts() == (1, 1)


def test_file_named_twice_is_read_once(bench: Bench) -> None:
    path = bench.write("sub/a.txt")
    report = bench.index(bench.docs, path)
    assert (report.added, report.unchanged) == (["sub/a.txt"], [])


def test_single_file_is_shown_by_its_name(bench: Bench) -> None:
    bench.index(bench.write("deep/er/a.txt"))
    assert list(bench.by_source()) == ["a.txt"]


def test_files_come_in_a_stable_order(bench: Bench) -> None:
    for name in ("b.txt", "a.txt", "c/a.txt", "나.txt", "가.txt"):
        bench.write(name)
    assert bench.index().added == ["a.txt", "b.txt", "가.txt", "나.txt", "c/a.txt"]


def test_decomposed_file_name_is_shown_composed(bench: Bench) -> None:
    bench.write(unicodedata.normalize("NFD", "회의록/결과.txt"))
    assert bench.index().added == ["회의록/결과.txt"]
    assert bench.index().unchanged == ["회의록/결과.txt"]


def test_file_names_that_are_no_text_are_kept_apart(bench: Bench) -> None:
    for name, text in ((b"\xb0\xa1.txt", "하나이다."), (b"\xb3\xaa.txt", "둘이다.")):
        Path(os.fsdecode(os.path.join(os.fsencode(bench.docs), name))).write_text(text)  # noqa: PTH118

    assert len(bench.index().added) == 2
    report = bench.index(options=PRUNE)

    assert (len(report.unchanged), report.removed) == (2, [])
    texts = {bench.catalog.read_text(d.id) for d in bench.catalog.documents()}
    assert texts == {"하나이다.", "둘이다."}


# Moved


def test_moved_folder_keeps_its_ids(bench: Bench) -> None:
    bench.write("old/a.txt")
    bench.index(bench.docs / "old")
    ident = bench.by_source()["a.txt"].id
    shutil.move(bench.docs / "old", bench.docs / "new")

    report = bench.index(bench.docs / "new")

    assert report.unchanged == ["a.txt"]
    (document,) = bench.catalog.documents()
    assert (document.id, document.origin) == (ident, str(bench.docs / "new/a.txt"))


def test_moved_and_changed_file_keeps_its_id(bench: Bench) -> None:
    bench.write("old/a.txt", "옛 글이다.")
    bench.index(bench.docs / "old")
    ident = bench.by_source()["a.txt"].id
    shutil.move(bench.docs / "old", bench.docs / "new")
    bench.write("new/a.txt", "새 글이다.")

    assert bench.index(bench.docs / "new").changed == ["a.txt"]
    assert [d.id for d in bench.catalog.documents()] == [ident]


@pytest.mark.parametrize("text", ["같은 글이다.", "새 글이다."])
def test_file_moved_between_two_folders_survives_pruning_both(bench: Bench, text: str) -> None:
    bench.write("one/a.txt", "같은 글이다.")
    bench.write("two/b.txt")
    folders = bench.docs / "one", bench.docs / "two"
    bench.index(*folders)
    (bench.docs / "one/a.txt").unlink()
    bench.write("two/a.txt", text)

    report = bench.index(*folders, options=PRUNE)

    assert report.removed == []
    assert bench.text_of("a.txt") == text


def test_only_one_of_two_namesakes_takes_the_place_of_a_file_that_is_gone(bench: Bench) -> None:
    bench.write("old/a.txt")
    bench.index(bench.docs / "old")
    shutil.rmtree(bench.docs / "old")
    bench.write("one/a.txt")
    bench.write("two/a.txt")

    report = bench.index(bench.docs / "one", bench.docs / "two")

    assert (report.unchanged, report.added) == (["a.txt"], ["a.txt"])
    assert bench.catalog.counts() == (2, 2)


# Gone


def test_file_that_is_gone_stays_unless_pruned(bench: Bench) -> None:
    bench.write("a.txt").unlink()
    path = bench.write("b.txt")
    bench.index()
    path.unlink()

    assert bench.index().removed == []
    assert list(bench.by_source()) == ["b.txt"]
    assert bench.index(options=PRUNE).removed == ["b.txt"]
    assert bench.catalog.counts() == (0, 0)
    assert bench.indexer.derived.lexical.search(["선정"], 5) == []


def test_pruning_touches_only_what_was_under_the_given_paths(bench: Bench) -> None:
    bench.write("one/a.txt")
    bench.write("one-more/b.txt")
    bench.write("one/c.txt")
    bench.index()
    for name in ("one/a.txt", "one-more/b.txt"):
        (bench.docs / name).unlink()

    report = bench.index(bench.docs / "one", options=PRUNE)

    assert report.removed == ["one/a.txt"]
    assert set(bench.by_source()) == {"one-more/b.txt", "one/c.txt"}


def test_pruning_touches_only_its_own_collection(bench: Bench) -> None:
    path = bench.write("a.txt")
    bench.index(options=Options(collection="one"))
    path.unlink()
    assert bench.index(options=Options(collection="two", prune=True)).removed == []
    assert bench.catalog.counts() == (1, 1)


def test_pruning_keeps_a_file_that_can_no_longer_be_read(bench: Bench) -> None:
    path = bench.write("a.txt")
    bench.index()
    path.write_bytes(b"\x00\x01\x02" * 100)

    report = bench.index(options=PRUNE)

    assert [name for name, _ in report.failed] == ["a.txt"]
    assert report.removed == []
    assert bench.catalog.counts() == (1, 1)


# What fails


def test_failed_file_does_not_stop_the_run(bench: Bench) -> None:
    bench.write("a.txt")
    bench.write("b.txt", "   \n")
    bench.write("c.txt")

    report = bench.index()

    assert report.added == ["a.txt", "c.txt"]
    assert report.failed == [("b.txt", "holds no readable text")]


def test_too_large_file_is_told_with_the_limit(bench: Bench) -> None:
    bench.write("a.txt", "x" * 3_000_000)

    report = bench.index(options=Options(max_file_bytes=2_000_000))

    assert report.failed == [
        (
            "a.txt",
            "3 MB is more than the limit of 2 MB; split the file, or raise max_file_mb (INYONG_MAX_FILE_MB)",
        )
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949", "euc-kr"])
def test_file_in_any_korean_encoding_is_stored_as_its_text(bench: Bench, encoding: str) -> None:
    text = "푸른숲 도서관은 350억 원을 들여 지었다.\n개관식에는 주민 40명이 왔다."
    (bench.docs / "a.txt").write_bytes(text.encode(encoding))
    assert bench.index().failed == []
    assert bench.text_of("a.txt") == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x7fELF" + bytes(range(256)) * 8, "looks like"),
    ],
)
def test_empty_or_binary_file_is_told_and_stores_nothing(bench: Bench, data: bytes, reason: str) -> None:
    (bench.docs / "a.txt").write_bytes(data)
    ((name, told),) = bench.index().failed
    assert name == "a.txt"
    assert told.startswith(reason)
    assert bench.catalog.counts() == (0, 0)


def test_text_of_200_megabytes_is_refused_unread(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with (bench.docs / "a.txt").open("wb") as file:
        file.truncate(200_000_000)

    def read(path: Path) -> bytes:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(Path, "read_bytes", read)
    ((_, reason),) = bench.index().failed
    assert reason.startswith("200 MB is more than the limit of 34 MB; split the file, or raise max_file_mb")


def test_line_of_a_million_characters_is_stored_whole_and_found(bench: Bench) -> None:
    text = "abcdefghij" * 50_000 + " 두루미가 날아왔다. " + "klmnopqrst" * 50_000
    assert len(text) > 1_000_000
    bench.write("a.txt", text)
    assert bench.index().failed == []
    assert bench.text_of("a.txt") == text.strip()
    ((best, _),) = bench.indexer.derived.lexical.search(["두루미"], 1)
    passage = bench.catalog.passages([best])[best]
    assert "두루미가 날아왔다." in passage.text
    assert passage.span.of(text) == passage.text


def test_full_disk_ends_the_run_in_one_sentence_and_the_next_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.indexing.indexer._FLUSH_PASSAGES", 1)
    bench.write("a.txt", "첫 글이다.")
    bench.write("b.txt", "둘째글이다" * 20_000)
    bench.write("c.txt", "셋째 글이다.")
    with bench.catalog.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")

    with pytest.raises(StoreUnavailable, match="the disk is full; nothing was lost, free some space and run"):
        bench.index()

    assert set(bench.by_source()) == {"a.txt"}
    assert bench.indexer.derived.in_step()
    connection.execute("PRAGMA max_page_count = 1000000")
    assert bench.index().added == ["b.txt", "c.txt"]


def test_file_without_a_reader_is_told_when_it_was_named(bench: Bench) -> None:
    ((name, reason),) = bench.index(bench.write("a.xyz")).failed
    assert name == "a.xyz"
    assert reason.startswith("no reader for .xyz files; supported: ")


def test_missing_path_is_refused_before_anything_changes(bench: Bench) -> None:
    bench.write("a.txt")
    with pytest.raises(IndexingError, match="nowhere: no such file or folder"):
        bench.index(bench.docs, bench.docs / "nowhere")
    assert bench.catalog.counts() == (0, 0)


def test_unreadable_files_and_folders_are_told_and_not_pruned(analyzer: MorphemeAnalyzer) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        is_root = os.geteuid() == 0
        if is_root:
            os.setresuid(65534, 65534, 0)
        bench = make_bench(folder, analyzer)
        try:
            bench.write("a.txt")
            file, closed = bench.write("b.txt"), bench.write("closed/c.txt").parent
            bench.index()
            file.chmod(0)
            closed.chmod(0)
            if os.access(file, os.R_OK):
                pytest.skip("the file system does not keep permissions")

            report = bench.index(options=PRUNE)

            assert report.unchanged == ["a.txt"]
            assert dict(report.failed)["b.txt"] == "cannot be read: Permission denied"
            assert any(name.endswith("closed") for name, _ in report.failed)
            assert report.removed == []
            assert bench.catalog.counts() == (3, 3)
            closed.chmod(0o755)
        finally:
            bench.catalog.close()
            if is_root:
                os.setresuid(0, 0, 0)


# Interrupted


def test_interrupted_run_keeps_what_was_committed_and_the_next_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.indexing.indexer._FLUSH_PASSAGES", 2)
    for number in range(6):
        bench.write(f"{number}.txt", f"{number}번째 사업에 선정됐다.")
    stop = stop_when(lambda progress: progress.step is Step.READING and progress.files_done == 5)

    with pytest.raises(KeyboardInterrupt):
        bench.indexer.index_paths([bench.docs], None, stop)

    assert set(bench.by_source()) == {"0.txt", "1.txt", "2.txt", "3.txt"}
    assert bench.indexer.derived.in_step()
    assert len(bench.indexer.derived.lexical.search(["선정"], 10)) == 4
    report = bench.index()
    assert (len(report.unchanged), report.added) == (4, ["4.txt", "5.txt"])


def test_interrupted_replacement_keeps_the_old_document(bench: Bench) -> None:
    bench.write("a.txt", "옛 글이다.")
    bench.index()
    bench.write("a.txt", "새 글이다.")

    with pytest.raises(KeyboardInterrupt):
        bench.indexer.index_paths(
            [bench.docs], None, stop_when(lambda progress: progress.step is Step.EMBEDDING)
        )

    assert bench.text_of("a.txt") == "옛 글이다."
    assert bench.index().changed == ["a.txt"]


def test_progress_counts_files_and_passages(bench: Bench) -> None:
    bench.write("a.txt")
    bench.write("b.txt")
    seen: list[Progress] = []

    bench.indexer.index_paths([bench.docs], None, seen.append)

    assert seen == [
        Progress(Step.READING, 0, 2, 0, "a.txt"),
        Progress(Step.READING, 1, 2, 0, "b.txt"),
        Progress(Step.EMBEDDING, 2, 2, 0),
        Progress(Step.EMBEDDING, 2, 2, 2),
        Progress(Step.FINISHING, 2, 2, 2),
    ]
