"""BEIR (Thakur et al. 2021): a corpus, queries and relevance judgements.

Every document judged above 0 is a gold group of its own, so that recall over groups is BEIR's recall: the
share of all relevant documents. There are no answers, so such a set measures retrieval only.
"""

from pathlib import Path

from eval.datasets.files import opened, read_json_lines
from eval.datasets.imported import DocumentCollector, ImportedSet
from eval.datasets.questions import guess_language
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question


def read_beir(folder: Path, split: str) -> ImportedSet:
    """Read the set in the folder: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv. Raises BadQuestionSet.

    Queries that the split does not judge are skipped; those without a relevant document are skipped and
    counted.
    """
    documents = DocumentCollector()
    for record in read_json_lines(folder / "corpus.jsonl"):
        title = record.text("title") if "title" in record else ""
        body = record.text("text")
        if not body.strip():
            title, body = "", title
        documents.add(record.filled("_id"), body, title, record.place)
    relevant = _read_judgements(folder / "qrels" / f"{split}.tsv")
    without = sum(not names for names in relevant.values())
    questions = []
    for record in read_json_lines(folder / "queries.jsonl"):
        names = relevant.pop(ident := record.filled("_id"), [])
        found = [documents.find(name, f"{record.place}: query {ident!r}").name for name in names]
        if found:
            text = record.filled("text")
            gold = tuple((GoldSpan(name),) for name in found)
            questions.append(
                Question(ident, text, True, documents=tuple(found), gold=gold, lang=guess_language(text))
            )
    unasked = next((ident for ident, names in relevant.items() if names), None)
    if unasked is not None:
        raise BadQuestionSet(f"{folder / 'qrels'}: judges the query {unasked!r}, which queries.jsonl lacks")
    note = f"queries without a relevant document left out: {without}"
    return documents.finish(questions, (note,) * bool(without))


def _read_judgements(path: Path) -> dict[str, list[str]]:
    """Return the relevant documents of each judged query."""
    relevant: dict[str, list[str]] = {}
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            place = f"{path}, line {number}"
            try:
                cells = line.decode("utf-8-sig").rstrip("\r\n").split("\t")
                if cells == [""] or (number == 1 and cells[-1] == "score"):
                    continue
                query, document, grade = cells
                is_relevant = float(grade) > 0
            except ValueError as error:
                raise BadQuestionSet(
                    f"{place}: must be query-id, corpus-id and score, parted by tabs"
                ) from error
            names = relevant.setdefault(query, [])
            if is_relevant and document not in names:
                names.append(document)
    return relevant
