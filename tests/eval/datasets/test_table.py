from pathlib import Path

import pytest

from eval.datasets.table import read_table
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "set.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read_one(path: Path, *mapping: str) -> Question:
    (question,) = read_table(path, mapping).questions
    return question


def complaint(path: Path, *mapping: str) -> str:
    with pytest.raises(BadQuestionSet) as caught:
        read_table(path, mapping)
    return str(caught.value).removeprefix(f"{path}").lstrip(":, ")


def test_columns_named_like_fields_are_taken_and_others_left(tmp_path: Path) -> None:
    path = write(tmp_path, "id,question,expected,memo\na,몇 명?,3명|세 명,확인\n")
    question = read_one(path)
    assert (question.id, question.question, question.answerable) == ("a", "몇 명?", True)
    assert question.expected == (("3명", "세 명"),)


def test_columns_of_any_name_are_mapped(tmp_path: Path) -> None:
    path = write(tmp_path, "질문,정답,모범 답안\n몇 명?,3명,모두 3명이다.\n")
    question = read_one(path, "question=질문", "expected=정답", "answers=모범 답안")
    assert question == Question(
        "q1", "몇 명?", True, expected=(("3명",),), answers=("모두 3명이다.",), lang="ko"
    )


def test_each_expected_column_is_a_group(tmp_path: Path) -> None:
    path = write(tmp_path, "question,인원,날짜\n언제 몇 명?,3명|세 명,5월\n")
    question = read_one(path, "question=question", "expected=인원", "expected=날짜")
    assert question.expected == (("3명", "세 명"), ("5월",))


def test_a_context_is_a_document_and_gold_as_a_whole(tmp_path: Path) -> None:
    imported = read_table(write(tmp_path, "question,context\n몇 명?,모두 3명이다.\n"), ())
    (document,) = imported.documents
    assert document.text == "모두 3명이다."
    assert imported.questions[0].gold == ((GoldSpan(document.name),),)
    assert imported.questions[0].documents == (document.name,)


def test_a_quote_is_gold_in_the_row_s_only_document(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, "question,documents,quote\n몇 명?,a.txt,모두 3명\n"))
    assert question.gold == ((GoldSpan("a.txt", quote="모두 3명"),),)


def test_a_row_that_cannot_be_answered_says_so(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, "question,answerable,documents\n몇 명?,아니오,a.txt\n"))
    assert question == Question("q1", "몇 명?", False, lang="ko")


def test_tags_and_language_are_taken(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, "question,answers,lang,tags\nhow many?,three,en,number | list\n"))
    assert (question.lang, question.tags) == ("en", ("number", "list"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = "질문,정답\r\n도서관의 분관은 몇 곳인가요?,세 곳\r\n"
    question = read_one(write(tmp_path, text, encoding), "question=질문", "expected=정답")
    assert question.question == "도서관의 분관은 몇 곳인가요?"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_usual_separator_is_read(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, f"question{separator}answers\n몇 명?{separator}세 명\n")
    assert read_one(path).answers == ("세 명",)


def test_a_cell_in_quotes_may_hold_separators_and_line_ends(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, 'question,answers\n"몇 명,\n몇 곳?","셋, ""둘"""\n'))
    assert (question.question, question.answers) == ("몇 명,\n몇 곳?", ('셋, "둘"',))


@pytest.mark.parametrize(
    ("text", "mapping", "words"),
    [
        ("질문,정답\n?,3\n", (), "no column is named question; say which it is with --column question=NAME"),
        ("question,b\n?,3\n", ("question=질문",), "has no column '질문'; there are question, b"),
        (
            "question\n?\n",
            ("frage=question",),
            "--column frage=question: must be FIELD=COLUMN with one of question",
        ),
        ("question\n?\n", ("question",), "--column question: must be FIELD=COLUMN"),
        ("question,answers\n ,3\n", (), "line 2: the question is empty"),
        ("question,answers\n?,3\n?,\n", (), "line 3: has neither expected, answers, context nor quote"),
        ("question,answerable\n?,true\n", (), "line 2: has neither expected, answers, context nor quote"),
        (
            "question,answers,answerable\n?,3,maybe\n",
            (),
            "line 2: answerable must be true or false (yes, no, 1, 0), not 'maybe'",
        ),
        ("question,quote\n?,3\n", (), "line 2: has a quote and 0 documents; a quote needs exactly one"),
        ("question,answers\n?,3,4\n", (), "line 2: has 3 cells, but there are 2 columns"),
        ('question,answers\n"?",3\n"?,3\n', (), "line 3: is not CSV"),
        ("question,question\n?,3\n", (), "line 1: the column name 'question' occurs twice"),
        ("", (), "the file is empty"),
        ("\n \n", (), "holds no row"),
    ],
)
def test_a_broken_table_is_named_by_line(
    tmp_path: Path, text: str, mapping: tuple[str, ...], words: str
) -> None:
    assert complaint(write(tmp_path, text), *mapping).startswith(words)


def test_an_office_file_under_the_name_of_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(40))
    assert complaint(path) == "looks like a ZIP archive (an Office file is one too), not text"
