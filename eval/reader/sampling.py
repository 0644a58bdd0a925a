"""Reading examples to training windows: where a window begins, what it is contrasted with, and noise.

An epoch is a function of the seed and its number alone, so that an interrupted run goes on where it was.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eval.reader.examples import AnswerPart, ExampleDocument, Question


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How batches are drawn; all but the sizes are probabilities.

    A batch has `windows` windows, each asked `questions` questions: those about its own document, answered
    in it or not, and, each with probability `foreign`, those of documents that search confuses with it. swap:
    a year, number or quarter of a question is changed, so that nothing answers it. drop_title, typo (of
    questions), drop_spaces (of sentences): noise.
    """

    windows: int = 3
    questions: int = 6
    least_sentences: int = 2
    most_sentences: int = 6
    foreign: float = 0.3
    swap: float = 0.12
    drop_title: float = 0.3
    typo: float = 0.08
    drop_spaces: float = 0.05


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as asked, and its answer's place in the window's sentences; none where it has no answer.

    verdict: whether it asks for yes or no, or under which condition; None where that is not known.
    """

    text: str
    spans: tuple[AnswerPart, ...]
    verdict: bool | None = None


@dataclass(frozen=True, slots=True)
class TrainingWindow:
    """Some sentences of a document and questions over them."""

    title: str
    sentences: tuple[str, ...]
    questions: tuple[AskedQuestion, ...]

    @property
    def size(self) -> int:
        """Length in characters, for batches of like length."""
        return len(self.title) + sum(map(len, self.sentences))


# What a question's answer usually hangs on: a year, month, quarter, round, article, floor or grade.
_SWAPPABLE = re.compile(
    r"(?P<year>(?:19|20)\d\d)|(?P<number>\d{1,2})(?=\s?(?:월|분기|차|회|기|조|항|호|층|반|학년|단계))"
    r"|(?<=Q)(?P<quarter>[1-4])"
)


def draw_epoch(
    documents: Sequence[ExampleDocument],
    options: SamplingOptions,
    seed: int,
    epoch: int,
    foreign: Mapping[int, Sequence[str]],
) -> list[list[TrainingWindow]]:
    """Draw one epoch of batches: every question once over its own window, windows of like length together.

    foreign: document row -> questions of other documents that resemble it.
    """
    rng = random.Random(f"{seed}/{epoch}")
    windows = [
        window
        for row, document in enumerate(documents)
        for window in _document_windows(document, options, rng, foreign.get(row, ()))
    ]
    rng.shuffle(windows)
    block = options.windows * 20
    batches = []
    for at in range(0, len(windows), block):
        chunk = sorted(windows[at : at + block], key=lambda window: window.size)
        batches += [chunk[i : i + options.windows] for i in range(0, len(chunk), options.windows)]
    rng.shuffle(batches)
    return batches


def _document_windows(
    document: ExampleDocument, options: SamplingOptions, rng: random.Random, foreign: Sequence[str]
) -> list[TrainingWindow]:
    """Windows that between them ask every question of the document where it is answered, or nearly."""
    waiting = list(document.questions)
    rng.shuffle(waiting)
    windows = []
    while waiting:
        first, end = _place(len(document.sentences), waiting[0], options, rng)
        inside = [
            q for q in waiting if _relevant(q) and first <= min(_relevant(q)) and max(_relevant(q)) < end
        ]
        n_foreign = sum(rng.random() < options.foreign for _ in range(options.questions - 1))
        n_foreign = min(n_foreign, len(foreign))
        size = options.questions - n_foreign
        chosen = [waiting[0], *(q for q in inside if q is not waiting[0])][:size]
        waiting = [q for q in waiting if q not in chosen]
        others = [q for q in document.questions if q not in chosen]
        chosen += rng.sample(others, min(len(others), size - len(chosen)))
        asked = [_ask(q, document, first, end, options, rng) for q in chosen]
        asked += [AskedQuestion(q, ()) for q in rng.sample(foreign, n_foreign)]
        window = TrainingWindow(
            "" if rng.random() < options.drop_title else document.title,
            document.sentences[first:end],
            tuple(asked),
        )
        if rng.random() < options.drop_spaces:
            window = _without_some_spaces(window, rng)
        windows.append(window)
    return windows


def _relevant(question: Question) -> tuple[int, ...]:
    return tuple(sorted(question.needed or question.near))


def _place(n: int, question: Question, options: SamplingOptions, rng: random.Random) -> tuple[int, int]:
    """A window that holds the question's sentences where they fit, else some of them."""
    relevant = _relevant(question)
    length = min(n, rng.randint(options.least_sentences, options.most_sentences))
    if not relevant:
        first = rng.randint(0, n - length)
        return first, first + length
    low, high = relevant[0], relevant[-1]
    if high - low + 1 > length:
        if high - low < options.most_sentences:
            length = high - low + 1
        else:
            low = high = rng.choice(relevant)
    first = rng.randint(max(0, high - length + 1), min(low, n - length))
    return first, first + length


def _ask(
    question: Question,
    document: ExampleDocument,
    first: int,
    end: int,
    options: SamplingOptions,
    rng: random.Random,
) -> AskedQuestion:
    text = question.with_previous
    spans = tuple(
        replace(p, sentence=p.sentence - first) for p in question.parts if first <= p.sentence < end
    )
    if spans and rng.random() < options.swap and (swapped := _swapped(text, document, rng)):
        return AskedQuestion(swapped, (), question.asks_verdict)
    text = _with_typo(text, rng) if rng.random() < options.typo else text
    return AskedQuestion(text, spans, question.asks_verdict)


def _swapped(asked: str, document: ExampleDocument, rng: random.Random) -> str | None:
    """The question with one number that its document holds changed to one that it does not hold."""
    matches = list(_SWAPPABLE.finditer(asked))
    if not matches:
        return None
    match = rng.choice(matches)
    text = "\n".join((document.title, *document.sentences))
    value = int(match.group())
    if match["year"]:
        others = [str(value + d) for d in (-3, -2, -1, 1, 2, 3)]
    elif match["quarter"]:
        others = ["1", "2", "3", "4"]
    else:
        others = [str(value + d) for d in (-2, -1, 1, 2, 3) if value + d > 0]
    unit = asked[match.end() : match.end() + 2].strip()[:1]
    others = [o for o in others if o != match.group() and o + unit not in text and o not in asked]
    if not others:
        return None
    return asked[: match.start()] + rng.choice(others) + asked[match.end() :]


def _with_typo(text: str, rng: random.Random) -> str:
    """The text with a slip of the keyboard: a space lost, a letter lost, doubled or exchanged."""
    spaces = [i for i, c in enumerate(text) if c == " "]
    if spaces and rng.random() < 0.5:
        i = rng.choice(spaces)
        return text[:i] + text[i + 1 :]
    if len(text) < 6:
        return text
    i = rng.randrange(1, len(text) - 2)
    if text[i].isdigit() or text[i + 1].isdigit():
        return text
    kind = rng.random()
    if kind < 0.4:
        return text[:i] + text[i + 1 :]
    if kind < 0.6:
        return text[:i] + text[i] + text[i:]
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def _without_some_spaces(window: TrainingWindow, rng: random.Random) -> TrainingWindow:
    """The window as a poor OCR gives it: a third of the spaces are lost; spans follow."""
    lost = [{i for i, c in enumerate(s) if c == " " and rng.random() < 1 / 3} for s in window.sentences]

    def moved(part: AnswerPart) -> AnswerPart:
        gone = lost[part.sentence]
        start = part.start - sum(i < part.start for i in gone)
        return replace(part, start=start, end=part.end - sum(i < part.end for i in gone))

    return replace(
        window,
        sentences=tuple(
            "".join(c for i, c in enumerate(s) if i not in gone)
            for s, gone in zip(window.sentences, lost, strict=True)
        ),
        questions=tuple(replace(q, spans=tuple(map(moved, q.spans))) for q in window.questions),
    )
