"""Measure speed and memory of the reader: ten passages for one question, as an answer needs them.

python -m eval.bench.reader
"""

import argparse
import time
from pathlib import Path

import psutil

from eval.bench.figures import percentile, print_table, write_json
from eval.reader.examples import Split, load_examples, select_split
from eval.reader.scores import document_passages
from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.encoding import TextEncoder
from index.reader.loading import ENGINES, load_trained_reader
from service.language_models.weights.catalogue import DEFAULT_EMBEDDING
from service.language_models.weights.locate import default_models_dir, resolve_embedding

_PASSAGES = 10


def main() -> None:
    """Read ten passages for each of some test questions with every engine; print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    documents = select_split(load_examples(), Split.TEST)
    passages = [p for d in documents for p in document_passages(d)]
    questions = [d.questions[0].with_previous for d in documents[: options.questions]]
    embedder = SentenceTransformerEmbedder(
        resolve_embedding(DEFAULT_EMBEDDING, default_models_dir()), name=DEFAULT_EMBEDDING
    )
    encoder = TextEncoder(embedder.tokenizer)
    process = psutil.Process()
    figures: dict[str, object] = {}
    for engine in ENGINES:
        before = process.memory_info().rss
        reader = load_trained_reader(embedder, engine=engine)
        reader.read(questions[0], passages[:_PASSAGES])
        seconds, n_tokens = [], 0
        for number, question in enumerate(questions):
            chosen = [passages[(number * _PASSAGES + i) % len(passages)] for i in range(_PASSAGES)]
            began = time.perf_counter()
            reader.read(question, chosen)
            seconds.append(time.perf_counter() - began)
            for passage in chosen:
                texts = [passage.sentence_text(i) for i in range(len(passage.sentences))]
                n_tokens += sum(map(len, encoder.encode_passage(passage.title, texts)))
        figures |= {
            f"{engine}: seconds for ten passages, median": percentile(seconds, 0.5),
            f"{engine}: the same, 95th percentile": percentile(seconds, 0.95),
            f"{engine}: passage tokens a second": n_tokens / sum(seconds),
            f"{engine}: memory beside the embedding model, MB": (process.memory_info().rss - before) / 1e6,
        }
        del reader
    print_table(f"Reader: {len(questions)} questions, {_PASSAGES} passages each", figures)
    print(f"\nwritten to {write_json(options.out, 'reader', {'figures': figures})}")


if __name__ == "__main__":
    main()
