"""Which files under a path are indexed."""

import os

from tests.index.bench import Bench


def test_unknown_and_hidden_files_are_left_out(bench: Bench) -> None:
    for name in ("a.txt", "b.xyz", "LICENSE", ".hidden.txt", ".git/c.txt"):
        bench.write(name)

    report = bench.index()

    assert report.added == ["a.txt"]
    assert report.skipped == [
        ("LICENSE", "no reader for files without a suffix"),
        ("b.xyz", "no reader for .xyz"),
    ]


def test_store_inside_the_indexed_folder_is_left_out(bench: Bench) -> None:
    bench.write("a.txt")
    (bench.home / "note.txt").write_text("저장소 안의 글이다.")
    assert bench.index(bench.docs.parent).added == ["docs/a.txt"]


def test_loop_of_links_does_not_trap_the_walk(bench: Bench) -> None:
    bench.write("sub/a.txt")
    (bench.docs / "sub/up").symlink_to(bench.docs)
    (bench.docs / "self").symlink_to("self")

    report = bench.index()

    assert report.added == ["sub/a.txt"]
    assert [name for name, _ in report.skipped] == ["self", "sub/up"]


def test_link_out_of_the_folder_is_not_followed(bench: Bench) -> None:
    outside = bench.docs.parent / "secret"
    outside.mkdir()
    (outside / "s.txt").write_text("비밀이다.")
    bench.write("a.txt")
    (bench.docs / "folder").symlink_to(outside)
    (bench.docs / "file.txt").symlink_to(outside / "s.txt")

    report = bench.index()

    assert report.added == ["a.txt"]
    assert {name for name, _ in report.skipped} == {"folder", "file.txt"}
    assert {reason for _, reason in report.skipped} == {"a symbolic link; index its target directly"}


def test_pipe_is_not_read(bench: Bench) -> None:
    os.mkfifo(bench.docs / "pipe.txt")
    assert bench.index().skipped == [("pipe.txt", "not an ordinary file")]
