"""Lexical search: BM25 in tantivy over Kiwi morphemes, derived from the catalog. Ids only, no text.

A manifest beside the index holds the last change applied and every file's size and checksum. An index that
does not match it is rebuilt from the tokens in the catalog, without morphological analysis.
"""

import json
import os
import re
import shutil
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from index.search.terms import Term, WordCounts, inverse_document_frequency
from index.store import Catalog

_NOTE = "inyong.json"
_FORMAT = 2  # of the fields; an index in another format is rebuilt
_WRITER_HEAP_BYTES = 30_000_000
# Content-bearing tags of the Sejong tag set as Kiwi uses it: nouns, numerals, roots, verb and adjective
# stems, Latin, Chinese, digits, and Kiwi's pattern tokens (addresses, serial numbers, hashtags).
_CONTENT_TAGS = ("NN", "NR", "XR", "VV", "VA", "SL", "SH", "SN", "W_")
_STOP_STEMS = frozenset(
    {"하", "되", "있", "없", "이", "것", "수", "등", "않", "위하", "통하", "대하", "따르"}
)
_ENGLISH_STOP_WORDS = frozenset(
    """a an and are as at be been by can could did do does for from had has have how i in is it its me much
    many of on or our please shall she should so tell than that the their them there these they this those
    to us was we were what when where which who whom whose why will with would you your""".split()
)
# Forms the stemmer cannot handle; "won" is omitted because here it is a currency.
_IRREGULAR_FORMS = {
    form: lemma
    for lemma, forms in (
        entry.split(":")
        for entry in """begin:began begun|bring:brought|build:built|buy:bought|choose:chose chosen|come:came
        |draw:drew drawn|drive:drove driven|fall:fell fallen|find:found|give:gave given|go:went gone
        |grow:grew grown|hold:held|keep:kept|know:knew known|lead:led|leave:left|lose:lost|make:made
        |meet:met|pay:paid|person:people|rise:rose risen|run:ran|say:said|sell:sold|send:sent|show:shown
        |speak:spoke spoken|spend:spent|take:took taken|teach:taught|tell:told|think:thought|write:wrote
        written|child:children|man:men|woman:women""".split("|")
    )
    for form in forms.split()
}
_FULL_STOP = re.compile(r"(?<=[A-Za-z]{2})\.(?![\w@])")
_DOTTED_DATE = re.compile(r"(?<![\d.])((?:19|20)\d\d)\. ?0?(\d{1,2})\. ?0?(\d{1,2})(?!\d|\.\d)")
_OPENING_QUOTE = re.compile(r"[‘“「『]|(?<!\S)['\"](?=\S)")
_CLOSING_QUOTE = re.compile(r"[’”」』]|(?<=[가-힣])['\"]")
_MAX_ANALYSED_CHARS = 20_000  # longer texts are truncated; Kiwi is slow on long unspaced runs


class MorphemeAnalyzer:
    """Tokeniser of the lexical index: Korean nouns and stems by Kiwi, English stems by Snowball."""

    def __init__(self) -> None:
        import snowballstemmer
        from kiwipiepy import Kiwi

        self._kiwi = Kiwi(num_workers=os.cpu_count() or 1)
        self._stem = lru_cache(maxsize=50_000)(_one_at_a_time(snowballstemmer.stemmer("english").stemWord))
        versions = [version(name) for name in ("kiwipiepy", "kiwipiepy_model", "snowballstemmer")]
        self.name = f"kiwi-{'-'.join(versions)}-4"

    def words(self, text: str) -> list[str]:
        """Return the content words of the text in order, with repeats."""
        return self.words_of_many([text])[0]

    def names(self, text: str) -> list[str]:
        """Return the Korean proper nouns of the text in order: people, places, organisations."""
        tokens = self._kiwi.tokenize(_with_stops_apart(text))
        return [token.form for token in tokens if token.tag == "NNP"]

    def nouns(self, text: str) -> list[str]:
        """Return the nouns of two characters or more, in order; Latin and Chinese words count as nouns."""
        tokens = self._kiwi.tokenize(_with_stops_apart(text))
        return [
            token.form for token in tokens if token.tag in ("NNG", "NNP", "SL", "SH") and len(token.form) > 1
        ]

    def words_of_many(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the content words of each text."""
        folded = [_unquoted(_with_stops_apart(text)) for text in texts]
        return [
            [word for token in tokens if (word := self._word(token))]
            for tokens in self._kiwi.tokenize(folded)
        ]

    def _word(self, token: Any) -> str | None:
        tag: str = token.tag
        if not tag.startswith(_CONTENT_TAGS):
            return None
        word = re.sub(r"\s+", "", token.form).lower().replace(",", "").rstrip(".")
        if not word or word in _STOP_STEMS or word in _ENGLISH_STOP_WORDS:
            return None
        if tag == "SL" and word.isascii():
            stem: str = self._stem(_IRREGULAR_FORMS.get(word, word))
            return stem
        return word


def _with_stops_apart(text: str) -> str:
    """Return the text in NFKC, truncated, with full stops separated from the words and numbers before them.

    Kiwi would analyse "countries." as "coun" and an abbreviation "tries.", and "2025. 3. 14." as a number.
    """
    text = unicodedata.normalize("NFKC", text)[:_MAX_ANALYSED_CHARS]
    return _FULL_STOP.sub(" .", _DOTTED_DATE.sub(r"\1 \2 \3 ", text))


def _unquoted(text: str) -> str:
    """Return the text without quotation marks around words.

    Kiwi takes a quoted word for one noun, '밤식빵', which a question with the unquoted word, 밤 and 식빵,
    would not match. Particles stay attached to their word; an opening mark becomes a space.
    """
    return _CLOSING_QUOTE.sub("", _OPENING_QUOTE.sub(" ", text))


def _one_at_a_time(stem: Callable[[str], str]) -> Callable[[str], str]:
    """Return a thread-safe version of the stemmer, which stores the word it works on in itself."""
    lock = Lock()

    def stem_alone(word: str) -> str:
        with lock:
            return stem(word)

    return stem_alone


class LexicalIndex:
    """BM25 search over stored tokens; on disk if a folder is given, else in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the index in `folder`, creating it if missing. Raises ValueError if it is damaged."""
        import tantivy

        self.folder = folder
        self.watermark = 0
        self._schema = (
            tantivy.SchemaBuilder()
            .add_integer_field("passage", stored=False, indexed=True, fast=True)
            .add_text_field("document", tokenizer_name="raw", index_option="basic")
            .add_text_field("collection", tokenizer_name="raw", index_option="basic")
            .add_text_field("words", tokenizer_name="whitespace", index_option="freq")
            .build()
        )
        if folder is None:
            self._index = tantivy.Index(self._schema)
        else:
            if (folder / _NOTE).exists():
                self.watermark = lexical_watermark(folder)
            elif folder.exists():
                shutil.rmtree(folder)  # interrupted before its first manifest
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(folder))
        self._index.register_tokenizer(
            "whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        )

    def reload(self) -> None:
        """Load what other processes have written. Raises ValueError if it is damaged."""
        if self.folder is not None and (self.folder / _NOTE).exists():
            self.watermark = lexical_watermark(self.folder)
            self._index.reload()
        elif self.watermark:
            raise ValueError(f"damaged: {_NOTE} is gone")

    def search(
        self, words: Collection[str], k: int, documents: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return the best `k` passages for plain words, as `search_terms` does."""
        return self.search_terms([Term(((word,),)) for word in dict.fromkeys(words)], k, documents)

    def search_terms(
        self,
        terms: Sequence[Term],
        k: int,
        documents: Collection[str] | None = None,
        counts: WordCounts | None = None,
    ) -> list[tuple[int, float]]:
        """Return ids and BM25 scores (k1 1.2, b 0.75) of the best `k` passages, best first.

        A term scores as its best alternative. documents: ids to search within; None: all. counts: word
        statistics to use; None: those of all passages. Length normalisation always uses the mean length of
        all passages (see `index.search.term_statistics`).
        """
        import tantivy

        if not terms or (documents is not None and not documents):
            return []
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._term_query(term, counts)) for term in terms]
        )
        if documents is not None:
            seen = tantivy.Query.term_set_query(self._schema, "document", list(documents))
            query = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, query),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(seen, 0.0)),
                ]
            )
        searcher = self._index.searcher()
        hits = searcher.search(query, limit=k, count=False).hits
        ids = searcher.fast_field_values("passage", [address for _, address in hits])
        return [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True) if i is not None]

    def _term_query(self, term: Term, counts: WordCounts | None) -> Any:
        import tantivy

        alternatives = []
        if counts:
            boosts = term.boosts(counts.frequency, counts.n_passages)
        else:
            boosts = term.boosts(self.document_frequency, self._n_passages())
        for words, boost in zip(term.alternatives, boosts, strict=True):
            queries = [self._word_query(word, counts) for word in words]
            needed = [(tantivy.Occur.Must, query) for query in queries]
            query = tantivy.Query.boolean_query(needed) if len(needed) > 1 else queries[0]
            alternatives.append(tantivy.Query.boost_query(query, boost) if boost != 1.0 else query)
        return tantivy.Query.disjunction_max_query(alternatives) if len(alternatives) > 1 else alternatives[0]

    def _word_query(self, word: str, counts: WordCounts | None) -> Any:
        """Return a BM25 query boosted from tantivy's IDF, which is of all passages, to that of `counts`."""
        import tantivy

        query = tantivy.Query.term_query(self._schema, "words", word, "freq")
        if counts is None:
            return query
        assumed = inverse_document_frequency(self.document_frequency(word), self._n_passages())
        wanted = inverse_document_frequency(counts.frequency(word), counts.n_passages)
        return tantivy.Query.boost_query(query, wanted / assumed)

    def _n_passages(self) -> int:
        return int(self._index.searcher().num_docs)

    def document_frequency(self, word: str, collections: Collection[str] = ()) -> int:
        """Return the number of passages with the word, in these collections; empty: in all."""
        import tantivy

        searcher = self._index.searcher()
        if not collections:
            return int(searcher.doc_freq("words", word))
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, tantivy.Query.term_query(self._schema, "words", word, "basic")),
                (
                    tantivy.Occur.Must,
                    tantivy.Query.term_set_query(self._schema, "collection", list(collections)),
                ),
            ]
        )
        found: Any = searcher.search(query, limit=1, count=True)
        return int(found.count)

    def catch_up(self, catalog: Catalog) -> int:
        """Apply the catalog's changes since the watermark; return their number."""
        import tantivy

        with catalog.reading():
            changes = catalog.changes_since(self.watermark)
            if not changes:
                return 0
            writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
            for change in changes:
                # Deleting first makes replaying a change idempotent.
                writer.delete_documents_by_query(
                    tantivy.Query.range_query(
                        self._schema,
                        "passage",
                        tantivy.FieldType.Integer,
                        change.first,
                        change.end,
                        include_upper=False,
                    )
                )
                if change.added:
                    for passage, document, words, collection in catalog.tokens(change.first, change.end):
                        writer.add_document(
                            tantivy.Document(
                                passage=passage, document=document, collection=collection, words=words
                            )
                        )
            writer.commit()
            writer.wait_merging_threads()
            self.watermark = changes[-1].seq
        if self.folder is not None:
            _write_note(self.folder, self.watermark)
        self._index.reload()
        return len(changes)


def discard_lexical(folder: Path) -> None:
    """Delete the index in `folder`, so that the next one starts empty."""
    shutil.rmtree(folder, ignore_errors=True)


def lexical_watermark(folder: Path) -> int:
    """Return the last change applied to the index in `folder`. Raises ValueError if it is damaged."""
    try:
        note = json.loads((folder / _NOTE).read_text())
        if note.get("format") != _FORMAT:
            raise ValueError("damaged, or made by another version of Inyong")
        for name, (size, checksum) in note["files"].items():
            data = (folder / name).read_bytes()
            if len(data) != size or zlib.crc32(data) != checksum:
                raise ValueError(f"damaged: {name} is not as it was written")
        return int(note["watermark"])
    except (OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"damaged: {error}") from error


def _write_note(folder: Path, watermark: int) -> None:
    files = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != _NOTE and not path.name.endswith((".lock", ".partial")):
            data = path.read_bytes()
            files[path.name] = (len(data), zlib.crc32(data))
    descriptor, partial = tempfile.mkstemp(dir=folder, suffix=".partial")
    with os.fdopen(descriptor, "w") as file:
        json.dump({"format": _FORMAT, "watermark": watermark, "files": files}, file)
        file.flush()
        os.fsync(file.fileno())
    Path(partial).replace(folder / _NOTE)
