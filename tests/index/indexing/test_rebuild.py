"""A store made anew with another model or another analyser."""

from collections.abc import Iterable

import pytest

from index.chunking.passages import PassageSize
from index.errors import SpecMismatch
from index.indexing.rebuild import reanalyse, reembed
from index.search.keyword_index import MorphemeAnalyzer
from tests.fakes import HashEmbedder
from tests.index.bench import Bench, stop_when

# Headers and embedding again


def test_title_and_heading_are_embedded_and_never_quoted(bench: Bench) -> None:
    bench.write("a.md", "# 사업 안내\n\n## 예산\n\n모두 350억 원이다.\n")
    bench.index()
    headers = {item.header for item in bench.embedder.embedded}

    assert "사업 안내 > 예산" in headers
    for item in bench.embedder.embedded:
        assert item.text in bench.text_of("a.md")


def test_bare_file_name_is_no_header(bench: Bench) -> None:
    bench.write("a.txt", "짧은 글이다.")
    bench.index()
    assert [item.header for item in bench.embedder.embedded] == [""]


def test_another_model_makes_all_passages_anew(bench: Bench, analyzer: MorphemeAnalyzer) -> None:
    bench.write("a.txt", "첫 문장이다. 둘째 문장이다.")
    bench.index()
    other = HashEmbedder(dimension=8, name="hash-8", fingerprint="other")

    assert reembed(bench.catalog, other, analyzer, PassageSize()) == 1

    spec = bench.catalog.spec()
    assert spec
    assert (spec.embedding_model, spec.dimension) == ("hash-8", 8)
    (passage,) = bench.catalog.passages(
        bench.catalog.passage_ids(d.id for d in bench.catalog.documents())
    ).values()
    assert passage.embedding.shape == (8,)
    assert passage.text == "첫 문장이다. 둘째 문장이다."


def test_interrupted_change_of_model_leaves_all_as_it_was(bench: Bench, analyzer: MorphemeAnalyzer) -> None:
    for name in ("a.txt", "b.txt"):
        bench.write(name)
    bench.index()
    before = bench.catalog.spec(), bench.catalog.passage_ids(d.id for d in bench.catalog.documents())
    other = HashEmbedder(dimension=8, name="hash-8", fingerprint="other")

    with pytest.raises(KeyboardInterrupt):
        reembed(bench.catalog, other, analyzer, PassageSize(), stop_when(lambda p: p.files_done == 1))

    after = bench.catalog.spec(), bench.catalog.passage_ids(d.id for d in bench.catalog.documents())
    assert after == before


def test_run_that_began_before_a_change_of_model_stores_nothing_of_the_old(
    bench: Bench, analyzer: MorphemeAnalyzer
) -> None:
    bench.write("a.txt")
    reembed(bench.catalog, HashEmbedder(name="other", fingerprint="other"), analyzer, PassageSize())

    with pytest.raises(SpecMismatch):
        bench.index()

    assert bench.catalog.counts() == (0, 0)


# The analyser of words


class OtherAnalyzer(MorphemeAnalyzer):
    """A later version that knows one more word for each text: the last of its first line."""

    def __init__(self, version: str = "later") -> None:
        self.name = version

    def words_of_many(self, texts: Iterable[str]) -> list[list[str]]:
        return [["later", *text.split("\n")[0].split()[-1:]] for text in texts]


def test_words_are_made_anew_by_another_version_of_the_analyzer(bench: Bench) -> None:
    bench.write("a.md", "# 큰 제목\n\n대구시가 사업에 선정됐다.\n\n## 작은 제목\n\n두레 축제가 열렸다.")
    bench.index()
    before = bench.catalog.passages([1, 2])

    reanalyse(bench.catalog, OtherAnalyzer())

    assert [row[2] for row in bench.catalog.tokens(1, 3)] == ["later 제목", "later 제목"]
    bench.indexer.derived.catch_up()
    assert bench.indexer.derived.in_step()
    assert {ident for ident, _ in bench.indexer.derived.lexical.search(["later"], 10)} == {1, 2}
    assert bench.indexer.derived.lexical.search(["대구시"], 10) == []
    after = bench.catalog.passages([1, 2])
    assert [(p.id, p.span, p.text, p.embedding.tolist()) for p in after.values()] == [
        (p.id, p.span, p.text, p.embedding.tolist()) for p in before.values()
    ]
    spec = bench.catalog.spec()
    assert spec
    assert (spec.analyzer, spec.embedding_fingerprint) == ("later", "hash-64-fingerprint")


def test_words_made_anew_are_those_of_indexing(bench: Bench, analyzer: MorphemeAnalyzer) -> None:
    bench.write("a.md", "# 큰 제목\n\n대구시가 사업에 선정됐다.\n\n## 작은 제목\n\n두레 축제가 열렸다.")
    bench.write("b.txt", "강변에서 두루미를 보았다.")
    bench.index()
    before = list(bench.catalog.tokens(1, 10))
    reanalyse(bench.catalog, OtherAnalyzer())

    reanalyse(bench.catalog, analyzer)

    assert list(bench.catalog.tokens(1, 10)) == before


def test_words_of_this_analyzer_are_left_alone(bench: Bench, analyzer: MorphemeAnalyzer) -> None:
    bench.write("a.txt")
    bench.index()
    before = bench.catalog.last_change()
    reanalyse(bench.catalog, analyzer)
    assert bench.catalog.last_change() == before


def test_interrupted_analysis_leaves_all_as_it_was(bench: Bench) -> None:
    for name in ("a.txt", "b.txt"):
        bench.write(name)
    bench.index()
    before = bench.catalog.spec(), list(bench.catalog.tokens(1, 3)), bench.catalog.last_change()

    class Interrupted(OtherAnalyzer):
        def words_of_many(self, texts: Iterable[str]) -> list[list[str]]:
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls == 2:
                raise KeyboardInterrupt
            return super().words_of_many(texts)

    with pytest.raises(KeyboardInterrupt):
        reanalyse(bench.catalog, Interrupted())

    assert (bench.catalog.spec(), list(bench.catalog.tokens(1, 3)), bench.catalog.last_change()) == before
