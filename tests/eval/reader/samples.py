"""Reading examples for tests of what trains and measures the reader."""

from itertools import count

from eval.reader.examples import AnswerPart, ExampleDocument, Question, Split
from index.reader.types import ReaderPassage
from index.types import Hit, Span

SENTENCES = (
    "대구시는 2024년 예산을 350억 원으로 정했다.",
    "지난해보다 20억 원 늘었다.",
    "The museum opens at nine in the morning.",
    "입장료는 어른 3,000원이다.",
    "어린이는 무료로 들어온다.",
)


def make_question(
    text: str, *parts: AnswerPart, near: tuple[int, ...] = (), language: str = "ko", kind: str = "other"
) -> Question:
    """Return a question with these answers, without any a near miss; its text is its id."""
    return Question(text, text, "", language, kind, parts, near)


def find_part(sentences: tuple[str, ...], sentence: int, text: str) -> AnswerPart:
    """Return the place of the text in the sentence."""
    start = sentences[sentence].index(text)
    return AnswerPart(sentence, start, start + len(text))


def make_document(
    ident: str = "d", sentences: tuple[str, ...] = SENTENCES, *questions: Question, title: str = "안내"
) -> ExampleDocument:
    """Return a Korean document."""
    return ExampleDocument(ident, title, "ko", "notice", sentences, questions)


def make_asked_document(ident: str) -> ExampleDocument:
    """Return a document with questions in both languages, answerable and not."""
    return make_document(
        ident,
        SENTENCES,
        make_question("2024년 예산은 얼마인가?", find_part(SENTENCES, 0, "350억 원")),
        make_question("지난해보다 얼마나 늘었나?", find_part(SENTENCES, 1, "20억 원")),
        make_question("When does it open?", find_part(SENTENCES, 2, "nine"), language="en"),
        make_question("어른은 얼마를 내나?", find_part(SENTENCES, 3, "3,000원")),
        make_question("노인은 얼마를 내나?", near=(3, 4)),
    )


def find_ids(split: Split, n: int) -> list[str]:
    """Return ids of documents that fall into the split."""
    names = (f"made-{i}" for i in count())
    of_split = (name for name in names if make_document(name).split is split)
    return [next(of_split) for _ in range(n)]


def make_hit(document_id: str, *sentences: str, start: int = 0, score: float = 0.0) -> Hit:
    """Return a search hit of a passage of these sentences, a space between two."""
    passage = make_passage(*sentences, start=start)
    span = Span(start, start + len(passage.text))
    return Hit(
        1, document_id, "c", "", "", "", "", None, span, passage.text, score, 0.0, 0.0, passage.sentences
    )


def make_passage(*sentences: str, start: int = 0) -> ReaderPassage:
    """Return a passage of these sentences, a space between two."""
    spans, at = [], start
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return ReaderPassage("", "", " ".join(sentences), start, tuple(spans))
