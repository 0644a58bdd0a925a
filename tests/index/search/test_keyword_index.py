import json
import math
import sys
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.search.keyword_index import LexicalIndex, MorphemeAnalyzer, discard_lexical, lexical_watermark
from index.search.terms import Term
from index.store import Catalog
from tests.index.samples import put


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lexical"


def caught_up(catalog: Catalog, folder: Path | None = None) -> LexicalIndex:
    index = LexicalIndex(folder)
    index.catch_up(catalog)
    return index


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [ident for ident, _ in found]


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("대구시는 사업에 선정됐다.", ["대구시", "사업", "선정"]),
        ("사업을 사업이 사업은", ["사업", "사업", "사업"]),
        ("가격이 올랐다", ["가격", "오르"]),
        ("기업들이 기술을 개발했다", ["기업", "기술", "개발"]),
        ("지원금은 350억 원이다", ["지원금", "350", "억", "원"]),
        ("3,500만 달러", ["3500", "만", "달러"]),
        ("물가 3.5%", ["물가", "3.5"]),
        ("It sells electric bicycles.", ["sell", "electr", "bicycl"]),
        ("in many countries.” He", ["countri", "he"]),
        ("The fee rose by 3.5. Nobody left in 2025.", ["fee", "rise", "3.5", "nobodi", "leav", "2025"]),
        ("2025. 3. 14.", ["2025", "3", "14"]),
        ("2025.03.04(화)", ["2025", "3", "4", "화"]),
        ("AI Ai ai", ["ai", "ai", "ai"]),
        ("CES 2024에서", ["ces", "2024"]),
        ("大邱", ["大邱"]),
        ("inyong@example.com", ["inyong@example.com"]),
        ("What was the government's plan?", ["govern", "s", "plan"]),
        ("그것은 무엇인가요?", []),
        ("", []),
        (" …!? ", []),
    ],
)
def test_words_are_what_carries_meaning(analyzer: MorphemeAnalyzer, text: str, words: list[str]) -> None:
    assert analyzer.words(text) == words


def test_english_forms_of_a_word_are_one_word(analyzer: MorphemeAnalyzer) -> None:
    assert analyzer.words("company") == analyzer.words("Companies")
    assert analyzer.words("chosen") == analyzer.words("choose")


def test_full_width_letters_and_digits_are_plain_ones(analyzer: MorphemeAnalyzer) -> None:
    assert analyzer.words("ＡＩ ２０２６") == ["ai", "2026"]


def test_decomposed_hangul_is_composed(analyzer: MorphemeAnalyzer) -> None:
    text = "사업에 선정됐다"
    assert analyzer.words(unicodedata.normalize("NFD", text)) == ["사업", "선정"]


def test_texts_keep_their_order(analyzer: MorphemeAnalyzer) -> None:
    texts = [f"사업 {number}" for number in range(50)]
    assert analyzer.words_of_many(texts) == [["사업", str(number)] for number in range(50)]


def test_endless_line_is_analysed_too(analyzer: MorphemeAnalyzer) -> None:
    assert analyzer.words("선정 " + "a" * 100_000)[0] == "선정"


def test_name_of_the_analyzer_holds_its_version(analyzer: MorphemeAnalyzer) -> None:
    assert analyzer.name.startswith("kiwi-0.")


# Search


def test_score_is_bm25(catalog: Catalog) -> None:
    put(catalog, "a", "apple pear", "plum pear", "plum plum")
    ((ident, score),) = caught_up(catalog).search(["apple"], 10)

    # N = 3, n = 1, every passage two words long: idf = ln(1 + 2.5 / 1.5), times 2.2 / (1 + 1.2)
    assert ident == 1
    assert score == pytest.approx(math.log(1 + 2.5 / 1.5), rel=1e-4)


def test_word_said_twice_counts_more_but_not_double(catalog: Catalog) -> None:
    put(catalog, "a", "plum pear", "plum plum")
    found = caught_up(catalog).search(["plum"], 10)

    idf = math.log(1 + 0.5 / 2.5)
    assert ids(found) == [2, 1]
    assert [score for _, score in found] == pytest.approx([idf * 2 * 2.2 / 3.2, idf], rel=1e-4)


def test_rare_word_counts_more_than_a_common_one(catalog: Catalog) -> None:
    put(catalog, "a", "common x", "common y", "common z", "rare w")
    assert ids(caught_up(catalog).search(["common", "rare"], 1)) == [4]


def test_shorter_passage_comes_first(catalog: Catalog) -> None:
    put(catalog, "a", "apple and many other words", "apple")
    assert ids(caught_up(catalog).search(["apple"], 2)) == [2, 1]


def test_passage_with_both_words_comes_first(catalog: Catalog) -> None:
    put(catalog, "a", "apple x", "apple pear", "pear y")
    assert ids(caught_up(catalog).search(["apple", "pear"], 3))[0] == 2


def test_repeated_word_in_the_question_counts_once(catalog: Catalog) -> None:
    put(catalog, "a", "apple", "pear")
    index = caught_up(catalog)
    assert index.search(["apple", "apple"], 2) == index.search(["apple"], 2)


def test_inflected_korean_is_found_by_its_noun(catalog: Catalog, analyzer: MorphemeAnalyzer) -> None:
    texts = ["대구시가 사업에 선정됐다.", "광주시는 예산을 늘렸다."]
    put(catalog, "a", *[" ".join(words) for words in analyzer.words_of_many(texts)])
    index = caught_up(catalog)

    assert ids(index.search(analyzer.words("선정"), 5)) == [1]
    assert ids(index.search(analyzer.words("예산은?"), 5)) == [2]


def test_words_found_nowhere_find_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    assert caught_up(catalog).search(["pear"], 5) == []


def test_no_words_find_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    assert caught_up(catalog).search([], 5) == []


def test_empty_index_finds_nothing() -> None:
    assert LexicalIndex().search(["apple"], 5) == []


def test_words_are_taken_literally(catalog: Catalog) -> None:
    put(catalog, "a", "apple", "c++", "a:b")
    index = caught_up(catalog)
    assert ids(index.search(["c++"], 5)) == [2]
    assert ids(index.search(["a:b", "*", "words:apple", '"'], 5)) == [3]


def test_only_passages_of_the_given_documents_are_found(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "apple pear", "apple")
    index = caught_up(catalog)

    assert ids(index.search(["apple"], 5, ["b"])) == [3, 2]
    assert index.search(["apple"], 5, []) == []
    assert index.search(["apple"], 5, ["c"]) == []


def test_scores_do_not_depend_on_the_filter(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "apple pear")
    index = caught_up(catalog)
    assert dict(index.search(["apple"], 5, ["b"]))[2] == dict(index.search(["apple"], 5))[2]


def test_best_alternative_of_a_term_counts(catalog: Catalog) -> None:
    put(catalog, "a", "apple", "사과", "apple 사과", "pear")
    index = caught_up(catalog)
    either = dict(index.search_terms([Term((("apple",), ("사과",)))], 5))

    assert set(either) == {1, 2, 3}
    assert either[1] == dict(index.search(["apple"], 5))[1]


def test_alternative_of_several_words_needs_all_of_them(catalog: Catalog) -> None:
    put(catalog, "a", "artificial", "artificial intelligence", "intelligence")
    found = caught_up(catalog).search_terms([Term((("artificial", "intelligence"),))], 5)
    assert ids(found) == [2]


def test_document_frequency_counts_passages(catalog: Catalog) -> None:
    put(catalog, "a", "apple apple", "apple pear", "plum")
    index = caught_up(catalog)
    assert [index.document_frequency(word) for word in ("apple", "pear", "none")] == [2, 1, 0]


# Catching up


def test_catching_up_counts_the_changes_and_moves_the_watermark(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "pear")
    index = LexicalIndex()

    assert (index.catch_up(catalog), index.watermark) == (2, 2)
    assert (index.catch_up(catalog), index.watermark) == (0, 2)


def test_removed_document_is_no_longer_found(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "apple")
    index = caught_up(catalog)
    catalog.remove_document("a")
    index.catch_up(catalog)
    assert ids(index.search(["apple"], 5)) == [2]


def test_replaced_document_is_found_by_its_new_words(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    index = caught_up(catalog)
    put(catalog, "a", "pear")
    index.catch_up(catalog)
    assert index.search(["apple"], 5) == []
    assert ids(index.search(["pear"], 5)) == [2]


def test_replaying_changes_is_harmless(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "apple pear")
    catalog.remove_document("a")
    index = caught_up(catalog)
    for watermark in (0, 1, 2):
        index.watermark = watermark
        index.catch_up(catalog)
        assert ids(index.search(["apple"], 5)) == [2]


# Files


def test_index_on_disk_is_opened_as_it_was(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple", "apple pear")
    before = caught_up(catalog, folder).search(["apple", "pear"], 5)

    opened = LexicalIndex(folder)

    assert opened.watermark == 1
    assert opened.search(["apple", "pear"], 5) == before
    assert opened.catch_up(catalog) == 0


def test_opened_index_goes_on_where_it_was(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)
    put(catalog, "b", "apple pear")

    opened = LexicalIndex(folder)

    assert opened.catch_up(catalog) == 1
    assert ids(opened.search(["apple"], 5)) == [1, 2]
    assert lexical_watermark(folder) == 2


def test_second_index_sees_what_the_first_wrote_once_reloaded(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    writer = caught_up(catalog, folder)
    reader = LexicalIndex(folder)
    put(catalog, "b", "apple pear")
    writer.catch_up(catalog)

    reader.reload()

    assert reader.watermark == 2
    assert ids(reader.search(["apple"], 5)) == [1, 2]


def test_reloading_before_anything_was_written_is_fine(folder: Path) -> None:
    index = LexicalIndex(folder)
    index.reload()
    assert index.watermark == 0


def test_reloading_notices_that_the_files_are_gone(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    index = caught_up(catalog, folder)
    discard_lexical(folder)
    with pytest.raises(ValueError, match="is gone"):
        index.reload()


def test_folder_without_a_note_starts_afresh(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)
    (folder / "inyong.json").unlink()  # as after a kill before the first note

    index = LexicalIndex(folder)

    assert index.watermark == 0
    assert index.catch_up(catalog) == 1
    assert ids(index.search(["apple"], 5)) == [1]


def _noted_files(folder: Path) -> list[str]:
    return sorted(json.loads((folder / "inyong.json").read_text())["files"])


def test_every_file_is_checked(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)

    for name in _noted_files(folder):
        good = (folder / name).read_bytes()
        for bad in (good[:-1], b"", bytes([good[0] ^ 1]) + good[1:]):
            (folder / name).write_bytes(bad)
            with pytest.raises(ValueError, match=r"damaged: .* is not as it was written"):
                LexicalIndex(folder)
        (folder / name).unlink()
        with pytest.raises(ValueError, match=r"damaged: .*No such file"):
            LexicalIndex(folder)
        (folder / name).write_bytes(good)

    assert ids(LexicalIndex(folder).search(["apple"], 5)) == [1]


@pytest.mark.parametrize("note", ["", "{", "[]", "null", "{}", '{"watermark": 1}', '{"files": []}', "\x00"])
def test_nonsense_note_is_damage(catalog: Catalog, folder: Path, note: str) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)
    (folder / "inyong.json").write_text(note)
    with pytest.raises(ValueError, match="damaged"):
        LexicalIndex(folder)


def test_note_that_is_no_text_is_damage(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)
    (folder / "inyong.json").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(ValueError, match="damaged"):
        LexicalIndex(folder)


def test_many_threads_get_the_same_stems(analyzer: MorphemeAnalyzer) -> None:
    stem = analyzer._stem.__wrapped__
    words = [f"generat{ending}" for ending in ("ion", "ions", "ing", "ed", "es", "or", "ional")] * 30
    expected = [stem(word) for word in words]
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append([stem(w) for w in words])) for _ in range(8)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert found == [expected] * 8


def test_an_index_of_an_earlier_version_is_not_taken_for_one_of_ours(catalog: Catalog, folder: Path) -> None:
    put(catalog, "a", "apple")
    caught_up(catalog, folder)
    note = json.loads((folder / "inyong.json").read_text())
    del note["format"]
    (folder / "inyong.json").write_text(json.dumps(note))
    with pytest.raises(ValueError, match="another version"):
        LexicalIndex(folder)
