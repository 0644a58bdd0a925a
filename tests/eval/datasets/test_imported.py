import unicodedata
from pathlib import PurePath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.datasets.imported import DocumentCollector, ImportedDocument, file_name, find_answer
from eval.errors import BadQuestionSet
from index.formats.normalise import normalise
from index.types import Span


def collect(body: str, title: str = "") -> ImportedDocument:
    return DocumentCollector().add_context(body, title, "set.json")


def test_a_title_is_the_first_line_and_the_body_follows_a_blank_one() -> None:
    document = collect("예산은 1억이다.", "푸른숲\n도서관")
    assert document.text == "푸른숲 도서관\n\n예산은 1억이다."
    assert document.body.of(document.text) == "예산은 1억이다."


def test_a_text_without_a_title_stays_as_it_is() -> None:
    assert collect("예산은 1억이다.").text == "예산은 1억이다."


def test_an_answer_is_found_at_its_offset_not_at_an_earlier_place_of_its_words() -> None:
    raw = "3명, 3명, 3명"
    assert find_answer(collect(raw), raw, 4, "3명") == Span(4, 6)


def test_an_answer_is_found_behind_the_title() -> None:
    raw = "예산은 1억이다."
    document = collect(raw, "도서관")
    span = find_answer(document, raw, 4, "1억")
    assert span == Span(9, 11)
    assert span.of(document.text) == "1억"


def test_an_answer_in_decomposed_text_is_found_in_composed_form() -> None:
    raw = unicodedata.normalize("NFD", "각 지역의 예산")
    answer = unicodedata.normalize("NFD", "예산")
    assert find_answer(collect(raw), raw, raw.index(answer), answer) == Span(6, 8)


def test_an_answer_behind_windows_line_ends_is_found() -> None:
    raw = "\r\n첫 줄 \r\n둘째 줄\r\n예산"
    document = collect(raw)
    assert document.text == "첫 줄\n둘째 줄\n예산"
    assert find_answer(document, raw, raw.index("예산"), "예산") == Span(9, 11)


def test_an_answer_over_two_lines_is_found() -> None:
    raw = "총 3명이\r\n참석했다"
    assert find_answer(collect(raw), raw, 2, "3명이\r\n참석") == Span(2, 8)


def test_white_space_around_an_answer_is_left_out() -> None:
    raw = "총 3명 참석"
    assert find_answer(collect(raw), raw, 1, " 3명 ") == Span(2, 4)


def test_an_answer_that_is_not_at_its_offset_is_not_found() -> None:
    assert find_answer(collect("총 3명"), "총 3명", 1, "3명") is None


CONTEXT = st.text(alphabet="가각힣a1é\u0301 \t\r\n\u200b\xa0", min_size=1, max_size=20)


@given(CONTEXT, st.sampled_from(["", "제목"]), st.sampled_from(["NFC", "NFD"]), st.data())
def test_stored_text_at_a_found_answer_is_the_answer(
    context: str, title: str, form: str, data: st.DataObject
) -> None:
    raw = unicodedata.normalize(form, context) + " 끝"  # type: ignore[arg-type]
    start = data.draw(st.integers(0, len(raw) - 1))
    end = data.draw(st.integers(start + 1, len(raw)))
    answer = raw[start:end]
    # An answer is cut between characters as people see them.
    assume(normalise(raw) == normalise(raw[:start]) + normalise(raw[start:end]) + normalise(raw[end:]))
    assume(answer.strip() and normalise(answer.strip()).strip() == normalise(answer.strip()) != "")
    document = collect(raw, title)

    span = find_answer(document, raw, start, answer)

    assert span is not None
    assert span.of(document.text) == normalise(answer.strip())


@pytest.mark.parametrize("ident", ["d1", "문서-3", "a_b"])
def test_a_plain_id_is_the_name_of_its_file(ident: str) -> None:
    assert file_name(ident) == f"{ident}.txt"


def test_other_ids_keep_a_readable_part() -> None:
    name = file_name("finance - 지방은행 안내.pdf - 4")
    assert name.startswith("finance-지방은행-안내-pdf-4-")


@given(st.text(min_size=1))
def test_any_id_gives_a_visible_name_of_one_part_and_bounded_length(ident: str) -> None:
    name = file_name(ident)
    assert PurePath(name).parts == (name,)
    assert not name.startswith((".", "~"))
    assert len(name.encode()) <= 255
    assert unicodedata.is_normalized("NFC", name)
    assert name.isprintable()


@pytest.mark.parametrize(
    "ident", ["../../x", "/etc/passwd", "..", ".", "a/b", "C:\\x", "x\0y", "-", "\ud800"]
)
def test_hostile_ids_name_a_plain_text_file(ident: str) -> None:
    assert set(file_name(ident)) <= set("abcdefghijklmnopqrstuvwxyzC0123456789-.")
    assert file_name(ident).count(".") == 1


@pytest.mark.parametrize(
    ("one", "other"), [("A", "a"), ("a/b", "a-b"), ("x" * 70, "x" * 71), ("a b", "a  b")]
)
def test_ids_that_look_alike_have_different_files(one: str, other: str) -> None:
    assert file_name(one).casefold() != file_name(other).casefold()


def test_equal_contexts_are_one_document() -> None:
    documents = DocumentCollector()
    assert documents.add_context("하나", "", "p") is documents.add_context("하나", "", "p")
    assert len(documents.by_id) == 1


def test_equal_contexts_under_different_titles_are_two_documents() -> None:
    documents = DocumentCollector()
    documents.add_context("하나", "첫째", "p")
    documents.add_context("하나", "둘째", "p")
    assert [document.text for document in documents.by_id.values()] == ["첫째\n\n하나", "둘째\n\n하나"]


def test_a_document_id_that_occurs_twice_is_refused() -> None:
    documents = DocumentCollector()
    documents.add("d", "하나", "", "line 1")
    with pytest.raises(BadQuestionSet, match="line 2: the document id 'd' occurs twice"):
        documents.add("d", "둘", "", "line 2")


def test_a_document_without_readable_text_is_left_out_and_counted() -> None:
    documents = DocumentCollector()
    documents.add("d", "하나", "", "line 1")
    documents.add("e", " \n", "", "line 2")
    imported = documents.finish([])
    assert [document.name for document in imported.documents] == ["d.txt"]
    assert imported.notes == ("documents without readable text left out: 1 ('e': the file is empty)",)


def test_a_question_that_needs_a_left_out_document_is_refused() -> None:
    documents = DocumentCollector()
    documents.add("e", "—", "", "line 2")
    with pytest.raises(BadQuestionSet, match="row 7: needs the document 'e', which holds no readable text"):
        documents.find("e", "row 7")


def test_a_question_that_needs_an_unknown_document_is_refused() -> None:
    with pytest.raises(BadQuestionSet, match="row 7: needs the document 'e', which is not among"):
        DocumentCollector().find("e", "row 7")


def test_more_text_than_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.datasets.imported.MOST_TEXT_CHARS", 10)
    documents = DocumentCollector()
    documents.add("d", "가" * 10, "", "line 1")
    with pytest.raises(BadQuestionSet, match="line 2: there are more than"):
        documents.add("e", "가", "", "line 2")


def test_more_documents_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.datasets.imported.MOST_DOCUMENTS", 1)
    documents = DocumentCollector()
    documents.add("d", "하나", "", "line 1")
    with pytest.raises(BadQuestionSet, match="line 2: there are more than 1 documents"):
        documents.add("e", "둘", "", "line 2")
