from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.encoding import NO_SENTENCE, Piece, TextEncoder, Window, replace_surrogates
from tests.index.reader.tiny_model import load_embedder

LIMIT = 64
PREFIX = 1 + len("passage:")  # a token a character, behind the first one
BUDGET = LIMIT - PREFIX - 1

# Some of these characters have a token of their own, some none, and spaces have none.
CHARACTER = st.sampled_from("abcXYZ019.,?% 가나힣\t\u200b\ufffdéж中\ud800\U0001f600")
SENTENCES = st.lists(
    st.one_of(st.text(CHARACTER, min_size=1, max_size=30), st.text(CHARACTER, min_size=40, max_size=200)),
    max_size=8,
)


@pytest.fixture(scope="module")
def tokenizer(tiny_embedder: SentenceTransformerEmbedder) -> Any:
    return tiny_embedder.tokenizer


@pytest.fixture(scope="module")
def encoder(tokenizer: Any) -> TextEncoder:
    return TextEncoder(tokenizer, max_tokens=LIMIT)


def tokens(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(replace_surrogates(text), add_special_tokens=False)["input_ids"]
    return ids


def pieces_in_order(windows: list[Window]) -> list[Piece]:
    """Every piece once, though windows overlap."""
    return list({id(piece): piece for window in windows for piece in window.pieces}.values())


def sentences_of(windows: list[Window]) -> list[list[int]]:
    return [[piece.sentence for piece in window.pieces] for window in windows]


# Passages


@given(SENTENCES)
@settings(deadline=None)
def test_windows_hold_every_token_of_every_sentence_in_order(
    encoder: TextEncoder, tokenizer: Any, sentences: list[str]
) -> None:
    pieces = pieces_in_order(encoder.encode_passage("", sentences))
    for index, sentence in enumerate(sentences):
        held = [t for piece in pieces if piece.sentence == index for t in piece.token_ids]
        assert held == tokens(tokenizer, sentence)


@given(SENTENCES)
@settings(deadline=None)
def test_offsets_are_those_of_the_tokens_characters(
    encoder: TextEncoder, tokenizer: Any, sentences: list[str]
) -> None:
    for piece in pieces_in_order(encoder.encode_passage("", sentences)):
        assert len(piece.offsets) == len(piece.token_ids)
        for token, (start, end) in zip(piece.token_ids, piece.offsets.tolist(), strict=True):
            assert tokens(tokenizer, sentences[piece.sentence][start:end]) == [token]


@given(SENTENCES, st.text(CHARACTER, max_size=100))
@settings(deadline=None)
def test_no_window_is_longer_than_the_limit(encoder: TextEncoder, sentences: list[str], context: str) -> None:
    assert all(len(window) <= LIMIT for window in encoder.encode_passage(context, sentences))


@given(SENTENCES)
@settings(deadline=None)
def test_a_window_says_where_each_of_its_pieces_is(encoder: TextEncoder, sentences: list[str]) -> None:
    for window in encoder.encode_passage("", sentences):
        expected = [NO_SENTENCE] * len(window)
        for index, (first, piece) in enumerate(zip(window.first_token, window.pieces, strict=True)):
            end = first + len(piece.token_ids)
            assert window.token_ids[first:end] == piece.token_ids
            expected[first:end] = [index] * len(piece.token_ids)
        assert window.sentence_ids == expected


def test_a_window_has_the_form_that_the_embedding_model_was_trained_on(
    encoder: TextEncoder, tokenizer: Any
) -> None:
    (window,) = encoder.encode_passage("Rules", ["One.", "Two."])
    assert tokenizer.decode(window.token_ids).replace(" ", "") == "<s>passage:RulesOne.Two.</s>"


def test_the_next_window_repeats_the_last_sentence(encoder: TextEncoder) -> None:
    windows = encoder.encode_passage("", ["a" * 20, "b" * 20, "c" * 20, "d" * 20])
    assert sentences_of(windows) == [[0, 1], [1, 2], [2, 3]]


def test_a_sentence_that_would_leave_no_room_is_not_repeated(encoder: TextEncoder) -> None:
    windows = encoder.encode_passage("", ["a" * 5, "b" * 40, "c" * 40])
    assert sentences_of(windows) == [[0, 1], [2]]


def test_a_sentence_longer_than_a_window_is_cut_into_pieces(encoder: TextEncoder) -> None:
    windows = encoder.encode_passage("", ["x" * (2 * BUDGET + 3)])
    assert [len(window.pieces[-1].token_ids) for window in windows] == [BUDGET, BUDGET, 3]


def test_offsets_of_a_later_piece_count_from_the_start_of_its_sentence(encoder: TextEncoder) -> None:
    *_, last = encoder.encode_passage("", ["x" * (BUDGET + 2)])
    assert last.pieces[-1].offsets.tolist() == [[BUDGET, BUDGET + 1], [BUDGET + 1, BUDGET + 2]]


def test_no_sentences_are_one_window_of_context(encoder: TextEncoder) -> None:
    (window,) = encoder.encode_passage("", [])
    assert (len(window), window.pieces) == (PREFIX + 1, ())


def test_a_long_context_is_cut_to_48_tokens(tokenizer: Any) -> None:
    (window,) = TextEncoder(tokenizer).encode_passage("t" * 300, ["One."])
    assert window.first_token == (1 + 48,)


# Questions


def test_a_question_has_the_form_that_the_embedding_model_was_trained_on(
    encoder: TextEncoder, tokenizer: Any
) -> None:
    assert tokenizer.decode(encoder.encode_question("Why?")).replace(" ", "") == "<s>query:Why?</s>"


def test_a_very_long_question_keeps_its_beginning_and_twice_as_much_of_its_end(
    encoder: TextEncoder, tokenizer: Any
) -> None:
    begin, *middle, end = encoder.encode_question("a" * 50 + "m" * 4000 + "z" * 70)
    assert middle == tokens(tokenizer, "query:" + "a" * 26 + "z" * 64)
    assert (begin, end) == (tokenizer.cls_token_id, tokenizer.sep_token_id)


@given(st.text(CHARACTER, max_size=300))
@settings(deadline=None)
def test_a_question_is_at_most_96_tokens_between_the_outer_two(encoder: TextEncoder, question: str) -> None:
    assert len(encoder.encode_question(question)) <= 98


# Surrogates and the tokeniser


@given(st.text(CHARACTER))
@settings(deadline=None)
def test_replacing_surrogates_changes_nothing_else(text: str) -> None:
    replaced = replace_surrogates(text)
    assert len(replaced) == len(text)
    assert all(b in (a, "\ufffd") for a, b in zip(text, replaced, strict=True))
    replaced.encode()


def test_unpaired_surrogates_leave_offsets_true(encoder: TextEncoder) -> None:
    (window,) = encoder.encode_passage("", ["a\ud800b\udfff"])
    assert window.pieces[0].offsets.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]


def test_the_embedders_own_tokeniser_goes_on_truncating_and_padding(
    tiny_embedder: SentenceTransformerEmbedder, tiny_folder: Any
) -> None:
    own = load_embedder(tiny_folder).tokenizer
    own(["a", "bc"], padding=True, truncation=True, max_length=3)
    TextEncoder(own)
    assert own.backend_tokenizer.truncation["max_length"] == 3
    assert own.backend_tokenizer.padding is not None


def test_an_embedders_padding_does_not_reach_the_reader(tiny_folder: Any) -> None:
    own = load_embedder(tiny_folder).tokenizer
    own(["a", "bc"], padding=True, truncation=True, max_length=3)
    (window,) = TextEncoder(own).encode_passage("", ["abcdefg", "h"])
    assert [len(piece.token_ids) for piece in window.pieces] == [7, 1]
