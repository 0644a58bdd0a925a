from pathlib import Path

from eval.reader.negatives import find_foreign_questions
from index.embedding.embedder import SentenceTransformerEmbedder
from tests.eval.reader.samples import make_asked_document, make_document

DOCUMENTS = [make_asked_document("a"), make_asked_document("b"), make_document("c")]


def test_foreign_questions_are_never_a_documents_own(
    tiny_embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    numbered = [
        make_document(ident, ("가.",), *(q for q in make_asked_document(ident).questions[:1]), title=ident)
        for ident in "ab"
    ]
    foreign = find_foreign_questions([*numbered, make_document("c")], tiny_embedder, tmp_path)
    assert set(foreign) == {0, 1, 2}
    assert len(foreign[2]) == 2


def test_they_are_computed_once(tiny_embedder: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    first = find_foreign_questions(DOCUMENTS, tiny_embedder, tmp_path)
    (stored,) = tmp_path.glob("foreign-*.json")
    before = stored.stat().st_mtime_ns
    assert find_foreign_questions(DOCUMENTS, tiny_embedder, tmp_path) == first
    assert stored.stat().st_mtime_ns == before
