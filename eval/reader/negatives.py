"""Hard negatives: for every training document, questions of other documents that resemble it most."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from eval.reader.examples import ExampleDocument, data_digest
from eval.reader.question_vectors import embed_questions
from index.embedding.embedder import PassageText, SentenceTransformerEmbedder

_PER_DOCUMENT = 12
_SENTENCES = 4  # leading sentences embedded as a summary of the document


def find_foreign_questions(
    documents: Sequence[ExampleDocument], embedder: SentenceTransformerEmbedder, cache: Path
) -> dict[int, list[str]]:
    """Return, for each document's row, questions of other documents, nearest first by cosine.

    Every third question is a candidate. Takes a minute once; the result is stored in the folder `cache`.
    """
    key = hashlib.sha256(f"{data_digest(documents)} {embedder.fingerprint}".encode()).hexdigest()[:12]
    path = cache / f"foreign-{key}.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {int(row): questions for row, questions in stored.items()}
    texts = [PassageText(d.title, " ".join(d.sentences[:_SENTENCES]), ()) for d in documents]
    vectors = np.stack([v.passage for v in embedder.embed_passages(texts)])
    asked = [(row, q.with_previous) for row, d in enumerate(documents) for q in d.questions[::3]]
    owner = np.array([row for row, _ in asked])
    with torch.inference_mode():
        batches = [
            embed_questions([text for _, text in asked[at : at + 64]], embedder, None).cpu().numpy()
            for at in range(0, len(asked), 64)
        ]
    cosines = np.concatenate(batches) @ vectors.T
    cosines[np.arange(len(asked)), owner] = -1
    found = {
        row: [asked[i][1] for i in np.argsort(-cosines[:, row])[:_PER_DOCUMENT]]
        for row in range(len(documents))
    }
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(path)
    return found
