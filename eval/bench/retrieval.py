"""Measure retrieval and indexing speed on an AutoRAG-style benchmark: corpus.parquet and qa.parquet.

python -m eval.bench.retrieval --autorag FOLDER
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from eval.bench.figures import peak_memory_mb, percentile, print_table, write_json
from eval.metrics.retrieval import found_documents, ranked_documents, recall_at_k
from index.reader.rerank import CANDIDATES
from service import Inyong

_DEPTHS = (1, 3, 5, 10)


def write_pages(autorag: Path, folder: Path) -> dict[str, str]:
    """Write each page of the corpus to a text file in `folder`; return document ids by file name."""
    import pyarrow.parquet as pq

    rows = pq.read_table(autorag / "corpus.parquet", columns=["doc_id", "contents"]).to_pylist()
    names = {}
    for number, row in enumerate(rows):
        name = f"page-{number:05}.txt"
        (folder / name).write_text(row["contents"], encoding="utf-8")
        names[name] = row["doc_id"]
    return names


def read_queries(autorag: Path) -> list[tuple[str, set[str]]]:
    """Return each question and the ids of its gold pages."""
    import pyarrow.parquet as pq

    rows = pq.read_table(autorag / "qa.parquet", columns=["query", "retrieval_gt"]).to_pylist()
    return [(row["query"], {page for group in row["retrieval_gt"] for page in group}) for row in rows]


def measure_recall(
    inyong: Inyong, queries: Sequence[tuple[str, set[str]]], names: dict[str, str], *, rerank: bool = False
) -> dict[str, float]:
    """Return mean recall of whole pages at each depth, a page ranked by its best passage."""
    totals = dict.fromkeys(_DEPTHS, 0.0)
    for query, gold in queries:
        hits = inyong.search(query, k=CANDIDATES if rerank else 50, rerank=rerank)
        ranked = ranked_documents([names[hit.source] for hit in hits])
        found = found_documents(ranked, [[page] for page in gold])
        for depth in _DEPTHS:
            totals[depth] += recall_at_k(found, len(gold), depth)
    name = "recall, reranked" if rerank else "recall"
    return {f"{name}@{depth}": total / len(queries) for depth, total in totals.items()}


def time_searches(inyong: Inyong, queries: Sequence[tuple[str, set[str]]]) -> list[float]:
    """Return milliseconds of each search with default options, after an uncounted warm-up."""
    inyong.search(queries[0][0])
    milliseconds = []
    for query, _ in queries:
        began = time.perf_counter()
        inyong.search(query)
        milliseconds.append((time.perf_counter() - began) * 1000)
    return milliseconds


def main() -> None:
    """Index the pages into a fresh store, run every query, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--autorag", type=Path, required=True, help="folder with corpus and qa parquet")
    parser.add_argument("--also", type=Path, help="more documents, searched with the pages when timing")
    parser.add_argument("--embedding")
    parser.add_argument("--dense-weight", type=float, help="1: meaning alone, 0: words alone")
    parser.add_argument("--rerank", action="store_true", help="also measure passages ordered by the reader")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    queries = read_queries(options.autorag)
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "pages")
        pages.mkdir()
        names = write_pages(options.autorag, pages)
        with Inyong(
            Path(folder, "home"), embedding=options.embedding, dense_weight=options.dense_weight
        ) as inyong:
            inyong.embedder()  # loading the model is not indexing
            began = time.perf_counter()
            report = inyong.index([pages])
            seconds = time.perf_counter() - began
            recall = measure_recall(inyong, queries, names)
            if options.rerank:
                recall |= measure_recall(inyong, queries, names, rerank=True)
            if options.also:
                inyong.index([options.also])
            milliseconds = time_searches(inyong, queries)
    figures = {
        **recall,
        "pages": len(names),
        "passages": report.n_passages,
        "seconds to index": seconds,
        "pages a second": len(names) / seconds,
        "search ms, median": percentile(milliseconds, 0.5),
        "search ms, 95th percentile": percentile(milliseconds, 0.95),
        "peak memory, MB": peak_memory_mb(),
    }
    print_table(f"Retrieval: {len(queries)} queries", figures)
    print(f"\nwritten to {write_json(options.out, 'retrieval', {'figures': figures})}")


if __name__ == "__main__":
    main()
