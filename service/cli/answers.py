"""Commands that search and ask."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.cli.options import (
    AsJson,
    Collections,
    Embedding,
    Filters,
    Home,
    Llm,
    Phrasing,
    parse_filters,
    read_settings,
)
from service.cli.output import complain, note, one_line, say, say_json

if TYPE_CHECKING:
    from index.types import Hit
    from service.answering.types import Answer, Citation, Turn
    from service.inyong import Inyong

_WITHHELD = 3


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    as_json: AsJson = False,
    collection: Collections = None,
    filters: Filters = None,
    rerank: Annotated[bool, typer.Option("--rerank", help="Order them by the reader too.")] = False,
    home: Home = None,
    embedding: Embedding = None,
) -> None:
    """Find the passages nearest to a query, by meaning and by words."""
    from service.inyong import Inyong
    from service.schemas import hit_as_json

    wanted = parse_filters(filters)
    with Inyong(settings=read_settings(home, embedding).settings, notify=note) as inyong:
        hits = inyong.search(query, k=k, collections=collection or (), filters=wanted, rerank=rerank)
    if as_json:
        say_json({"hits": [hit_as_json(hit) for hit in hits]})
        return
    for rank, hit in enumerate(hits, 1):
        say(
            f"{rank}. {_place(hit)}  score {hit.score:.2f} "
            f"(meaning {hit.dense_score:.3f}, words {hit.lexical_score:.2f})"
        )
        say(f"   {one_line(hit.text, 240)}")
    if not hits:
        note("no passage matches; loosen --collection or --filter, or see: inyong list")


def ask(
    question: Annotated[str | None, typer.Argument(help="The question; may be left out with -i.")] = None,
    lang: Annotated[Literal["ko", "en"] | None, typer.Option(help="Language of the answer.")] = None,
    interactive: Annotated[bool, typer.Option("-i", help="Go on asking; an empty line ends it.")] = False,
    as_json: AsJson = False,
    collection: Collections = None,
    filters: Filters = None,
    home: Home = None,
    embedding: Embedding = None,
    llm: Llm = None,
    phrasing: Phrasing = None,
) -> None:
    """Answer a question from the documents, with the quotations that support it."""
    from service.answering.pipeline import check_question
    from service.answering.types import Turn
    from service.errors import BadQuestion
    from service.inyong import Inyong

    if question is None and not interactive:
        raise typer.BadParameter("name a question, or use -i to go on asking", param_hint="QUESTION")
    if question is not None:
        check_question(question)
    wanted = parse_filters(filters)
    with Inyong(settings=read_settings(home, embedding, llm, phrasing).settings, notify=note) as inyong:

        def answer(text: str, history: "Sequence[Turn]") -> "Answer":
            return _answer(inyong, text, lang, collection or [], wanted, history, as_json=as_json)

        if not interactive:
            assert question is not None
            if answer(question, ()).abstained:
                raise typer.Exit(_WITHHELD)
            return
        inyong.prepare()
        history: list[Turn] = []
        for text in _questions(question):
            try:
                reply = answer(text, history)
            except BadQuestion as error:
                complain(str(error))
                continue
            history += [Turn("user", text), Turn("assistant", reply.answer)]


def _questions(first: str | None) -> Iterator[str]:
    """Yield typed questions until an empty line or the end of the input."""
    if first:
        yield first
    if sys.stdin.isatty():
        import readline  # noqa: F401  line editing and recall
    while True:
        try:
            text = input("? " if sys.stdin.isatty() else "")
        except EOFError:
            return
        if not text.strip():
            return
        yield text


def _answer(
    inyong: "Inyong",
    question: str,
    lang: str | None,
    collections: Sequence[str],
    filters: dict[str, str],
    history: "Sequence[Turn]",
    *,
    as_json: bool,
) -> "Answer":
    """Ask and print; on a terminal, print quotes as soon as they are found, then the answer."""
    from service.answering.listener import Listener
    from service.schemas import answer_as_json

    live = sys.stdout.isatty() and not as_json
    answer = inyong.ask(
        question,
        language=lang,
        collections=collections,
        filters=filters,
        history=history,
        listener=Listener(on_citation=_print_citation) if live else None,
    )
    if as_json:
        say_json(answer_as_json(answer))
        return answer
    if live and answer.citations:
        say()
    say(answer.answer)
    if answer.uncertain and not answer.abstained:
        say(_UNCERTAIN[answer.language])
    if not live:
        for citation in answer.citations:
            _print_citation(citation)
    _print_nearest(answer)
    return answer


_UNCERTAIN = {
    "ko": "(이 답은 확실하지 않습니다. 인용을 확인해 주세요.)",
    "en": "(This answer is uncertain. Check it against the quotes.)",
}


def _print_citation(citation: "Citation") -> None:
    page = f", p. {citation.page}" if citation.page else ""
    say()
    say(f"[{citation.marker}] {_named(citation.title, citation.source)}{page}")
    say(f"    “{one_line(citation.quote)}”")
    say(f"    characters {citation.start}–{citation.end} of document {citation.document_id}")


def _print_nearest(answer: "Answer") -> None:
    """Print the nearest passages below an abstention."""
    if not answer.abstained or not answer.passages:
        return
    say()
    say(
        "가장 가까운 대목 (답이 아닙니다):"
        if answer.language == "ko"
        else "Nearest passages (not an answer):"
    )
    for hit in answer.passages:
        say(f"  - {_place(hit)}: {one_line(hit.text, 160)}")


def _place(hit: "Hit") -> str:
    return _named(hit.title, hit.source) + (f", p. {hit.page}" if hit.page else "")


def _named(title: str, source: str) -> str:
    return source if title == source else f"{one_line(title, 60)} ({source})"
