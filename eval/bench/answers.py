"""Measure answers to a question set: how many are right, refused, cited, verbatim, and their times.

python -m eval.bench.answers --docs eval/data/sample/docs --questions eval/data/sample/qa.jsonl
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.figures import peak_memory_mb, percentile, print_table, write_json
from eval.datasets.questions import load_questions
from eval.metrics.answer import matches_expected, says_any
from eval.types import Question
from service import Inyong
from service.answering.types import Answer, Turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, its answer and the verdicts on it."""

    question: Question
    answer: Answer
    right: bool
    verbatim: int  # citations whose quote is exactly the stored text

    def as_json(self) -> dict[str, Any]:
        """Return the values to write to disk."""
        return {
            "id": self.question.id,
            "right": self.right,
            "answer": self.answer.answer,
            "abstain_reason": self.answer.abstain_reason,
            "sources": [citation.source for citation in self.answer.citations],
            "unsupported_numbers": _unsupported(self.answer),
            "total_ms": round(self.answer.timings.total),
        }


def ask_all(inyong: Inyong, questions: Sequence[Question], *, show: bool) -> list[Outcome]:
    """Ask every question once, after an uncounted warm-up."""
    inyong.prepare()
    inyong.ask(questions[0].question)
    outcomes = []
    for question in questions:
        history = [Turn(role, content) for role, content in question.history]
        answer = inyong.ask(question.question, history=history)
        if question.answerable:
            right = not answer.abstained and matches_expected(answer.answer, question.expected)
        else:
            right = answer.abstained
        right = right and not says_any(answer.answer, question.forbidden)
        verbatim = sum(
            citation.quote == inyong.text(citation.document_id, citation.start, citation.end)
            for citation in answer.citations
        )
        outcomes.append(Outcome(question, answer, right, verbatim))
        if show:
            print(f"{'right' if right else 'WRONG'}  {question.id}: {answer.answer}")
    return outcomes


def summarise(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures of one run; shares are of all eligible questions."""
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    citations = sum(len(o.answer.citations) for o in outcomes)
    seconds = [o.answer.timings.total / 1000 for o in outcomes]
    figures: dict[str, object] = {
        "answerable, right": _share(o.right for o in answerable),
    }
    for language in sorted({o.question.lang for o in answerable}):
        some = [o.right for o in answerable if o.question.lang == language]
        figures[f"  asked in {language}"] = _share(some)
    return figures | {
        "answerable, withheld": _share(o.answer.abstained for o in answerable),
        "answerable, gold document cited": _share(
            any(c.source in o.question.documents for c in o.answer.citations) for o in answerable
        ),
        "answerable, cited": _share(bool(o.answer.citations) for o in answerable),
        "unanswerable, refused": _share(o.right for o in unanswerable),
        "citations, verbatim": f"{sum(o.verbatim for o in outcomes)} of {citations}",
        "answers with an unsupported number shown": sum(
            bool(_unsupported(o.answer)) and not _all_withheld(o.answer) for o in outcomes
        ),
        "seconds a question, median": percentile(seconds, 0.5),
        "seconds a question, 95th percentile": percentile(seconds, 0.95),
        "seconds to the first token, median": percentile(
            [o.answer.timings.first_token / 1000 for o in outcomes if o.answer.timings.first_token], 0.5
        ),
        "search ms, median": percentile([o.answer.timings.search for o in outcomes], 0.5),
        "peak memory, MB": peak_memory_mb(),
    }


def _share(verdicts: Any) -> str:
    values = list(verdicts)
    return f"{sum(values)} of {len(values)}"


def _unsupported(answer: Answer) -> list[str]:
    return list(answer.verification.unsupported_numbers) if answer.verification else []


def _all_withheld(answer: Answer) -> bool:
    """Return whether no unsupported number is in the text shown."""
    from service.numbers import find_quantities

    shown = {quantity.text for quantity in find_quantities(answer.answer)}
    return not shown & set(_unsupported(answer))


def main() -> None:
    """Index the documents into a fresh store, ask every question, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=Path("eval/data/sample/docs"))
    parser.add_argument("--questions", type=Path, default=Path("eval/data/sample/qa.jsonl"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--llm")
    parser.add_argument("--embedding")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    parser.add_argument("--quiet", action="store_true", help="print the figures only")
    options = parser.parse_args()
    questions = load_questions(options.questions)[: options.limit]
    with (
        tempfile.TemporaryDirectory() as home,
        Inyong(home, llm=options.llm, embedding=options.embedding) as inyong,
    ):
        inyong.index([options.docs])
        outcomes = ask_all(inyong, questions, show=not options.quiet)
    figures = summarise(outcomes)
    print_table(f"Answers: {options.questions.name}, {len(questions)} questions", figures)
    path = write_json(
        options.out,
        f"answers-{options.questions.stem}",
        {"figures": figures, "outcomes": [outcome.as_json() for outcome in outcomes]},
    )
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
