"""Find faults in a question set, using only the set and the texts of its documents."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from eval.metrics.answer import matches_expected, says_any
from eval.metrics.gold import locate
from eval.types import GoldSpan, Question


class Severity(Enum):
    """The severity of a finding. ERROR: figures with the question would be wrong; WARNING: worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault found in one question. kind: a short label shared by similar findings."""

    severity: Severity
    kind: str
    question_id: str
    detail: str


def check_questions(questions: Sequence[Question], texts: Mapping[str, str]) -> list[Finding]:
    """Return all findings, by question in the order of the set, each question's errors first.

    texts: of all documents by source, in stored form.
    """
    findings = [*_find_repeated(questions)]
    for question in questions:
        findings += _check_answers(question)
        findings += _check_documents(question, texts)
        findings += _check_gold(question, texts)
        findings += _check_expected(question, texts)
        findings += _check_forbidden(question)
    order = {question.id: number for number, question in reversed(list(enumerate(questions)))}
    return sorted(findings, key=lambda found: (order[found.question_id], found.severity is Severity.WARNING))


def count_gold(questions: Iterable[Question], texts: Mapping[str, str]) -> tuple[int, int]:
    """Return the number of gold spans, and how many of them are found in their document."""
    spans = [span for question in questions for group in question.gold for span in group]
    return len(spans), sum(bool(locate(span, texts.get(span.document, ""))) for span in spans)


def _error(kind: str, question: Question, detail: str) -> Finding:
    return Finding(Severity.ERROR, kind, question.id, detail)


def _warning(kind: str, question: Question, detail: str) -> Finding:
    return Finding(Severity.WARNING, kind, question.id, detail)


def _find_repeated(questions: Sequence[Question]) -> Iterator[Finding]:
    ids: set[str] = set()
    asked: dict[tuple[str, ...], str] = {}
    for question in questions:
        if question.id in ids:
            yield _error("duplicate id", question, "the id occurs more than once")
        ids.add(question.id)
        words = (_letters(question.question), *(content for _, content in question.history))
        if words in asked:
            yield _warning("same question", question, f"asks the same as {asked[words]}: {question.question}")
        asked.setdefault(words, question.id)


def _letters(text: str) -> str:
    """Return letters and digits only, which two spellings of one question share."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _check_answers(question: Question) -> Iterator[Finding]:
    if question.answerable:
        if not (question.expected or question.answers or question.gold):
            yield _error("no answer", question, "is answerable but has no expected, answers or gold")
        elif not (question.expected or question.answers):
            yield _warning("no answer", question, "its answer cannot be judged without expected or answers")
        elif not question.gold:
            yield _warning("no gold", question, "retrieval and citations cannot be judged without gold")
        return
    for name in ("gold", "expected", "answers"):
        if getattr(question, name):
            yield _error("unanswerable", question, f"is not answerable but has {name}")


def _check_documents(question: Question, texts: Mapping[str, str]) -> Iterator[Finding]:
    named = [*question.documents, *(span.document for group in question.gold for span in group)]
    for name in dict.fromkeys(named):
        if name not in texts:
            yield _error("unknown document", question, f"there is no document {name}")
        elif question.documents and name not in question.documents:
            yield _warning("document not listed", question, f"gold is in {name}, which `documents` lacks")


def _check_gold(question: Question, texts: Mapping[str, str]) -> Iterator[Finding]:
    for span in (span for group in question.gold for span in group if span.document in texts):
        places = locate(span, texts[span.document])
        if not places:
            yield _error("gold not found", question, f"{_describe(span)} is not in {span.document}")
        elif len(places) > 1:
            yield _warning(
                "gold ambiguous", question, f"{_describe(span)} occurs {len(places)} times in {span.document}"
            )


def _describe(span: GoldSpan) -> str:
    if span.quote is not None:
        return f"“{span.quote}”"
    return "the whole text" if span.start is None else f"{span.start}–{span.end}"


def _check_expected(question: Question, texts: Mapping[str, str]) -> Iterator[Finding]:
    """Find groups that no gold document satisfies: a mistake, or an answer that must be derived."""
    names = {*question.documents, *(span.document for group in question.gold for span in group)}
    known = [texts[name] for name in names if name in texts]
    if not known:
        return
    for group in question.expected:
        if not any(matches_expected(text, [group]) for text in known):
            words = " / ".join(group)
            yield _warning("expected not in gold", question, f"no gold document holds {words}")


def _check_forbidden(question: Question) -> Iterator[Finding]:
    """Find forbidden phrases that correct answers cannot avoid, or that the question itself contains."""
    for group in question.expected:
        if all(says_any(word, question.forbidden) for word in group):
            yield _error("forbidden expected", question, f"forbids what is expected: {' / '.join(group)}")
    if any(says_any(answer, question.forbidden) for answer in question.answers):
        yield _error("forbidden expected", question, "a reference answer says what is forbidden")
    if says_any(question.question, question.forbidden):
        yield _warning("forbidden asked", question, "the question itself says what is forbidden")
