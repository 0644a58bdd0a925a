import json
import struct
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.language_models.weights.convert import convert_e5, dequantise, parse_e5
from tests.service.language_models.weights import tiny_e5

WHOLE = tiny_e5.build_tiny_e5()


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e5")
    (folder / "tiny.bin").write_bytes(WHOLE)
    (folder / "model").mkdir()
    convert_e5(folder / "tiny.bin", folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def tokenizer(converted: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(converted / "tokenizer.json"))


def test_the_folder_has_every_file_that_sentence_transformers_reads(converted: Path) -> None:
    found = {path.relative_to(converted).as_posix() for path in converted.rglob("*")}
    assert found == {
        "1_Pooling",
        "1_Pooling/config.json",
        "2_Normalize",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_every_user_may_read_every_file(converted: Path) -> None:
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in converted.rglob("*") if path.is_file())


def test_the_prompts_are_those_of_the_model_card(converted: Path) -> None:
    prompts = json.loads((converted / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "document": "passage: ", "passage": "passage: "}


def test_weights_are_stored_dequantised_under_the_names_of_bert(converted: Path) -> None:
    from safetensors.numpy import load_file

    weights = load_file(converted / "model.safetensors")
    assert weights["embeddings.word_embeddings.weight"][3].tolist() == tiny_e5.BLOCK_WEIGHTS
    assert weights["encoder.layer.0.intermediate.dense.weight"].shape == (64, 32)
    assert weights["encoder.layer.0.output.dense.weight"].shape == (32, 64)
    assert weights["encoder.layer.0.output.LayerNorm.bias"][2] == np.float32(0.02)
    assert {weight.dtype.name for weight in weights.values()} == {"float32"}


def test_sentence_transformers_loads_it_with_every_key_matched(
    converted: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    first = SentenceTransformer(str(converted), device="cpu", local_files_only=True)
    second = SentenceTransformer(str(converted), device="cpu", local_files_only=True)
    said = caplog.text + "".join(capfd.readouterr())
    assert "MISSING" not in said
    assert "UNEXPECTED" not in said
    assert first.max_seq_length == 24
    again = second.state_dict()
    assert all((weight == again[key]).all() for key, weight in first.state_dict().items())
    vector = first.encode("가나", prompt_name="query")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_text_is_wrapped_in_the_marks_of_beginning_and_end(tokenizer: Any) -> None:
    assert tokenizer.encode("가나").tokens == ["<s>", "▁가", "나", "</s>"]


def test_all_kinds_of_space_become_one_and_control_characters_vanish(tokenizer: Any) -> None:
    assert tokenizer.encode("가\x01나 \u200b\t\u3000 가").tokens == ["<s>", "▁가", "나", "▁가", "</s>"]


def test_a_leading_space_is_not_doubled(tokenizer: Any) -> None:
    assert tokenizer.encode("  가").tokens == tokenizer.encode("가").tokens


def test_full_width_digits_are_read_as_digits_and_the_full_width_tilde_stays(tokenizer: Any) -> None:
    assert tokenizer.encode("가\uff11\uff5e1~").tokens == ["<s>", "▁가", "1", "～", "1", "~", "</s>"]


def test_hangul_in_separate_letters_is_read_as_syllables(tokenizer: Any) -> None:
    assert tokenizer.encode("가" + unicodedata.normalize("NFD", "한글")).tokens == [
        "<s>",
        "▁가",
        "한글",
        "</s>",
    ]


def test_offsets_point_into_the_text_as_given(tokenizer: Any) -> None:
    encoded = tokenizer.encode("가\u200b \u3000나\uff11")
    assert encoded.tokens[-3:] == ["나", "1", "</s>"]
    assert [encoded.offsets[i] for i in (-3, -2)] == [(4, 5), (5, 6)]


def test_a_character_without_a_piece_is_unknown(tokenizer: Any) -> None:
    assert tokenizer.encode("가龘").tokens[-2:] in (["龘", "</s>"], ["<unk>", "</s>"])
    assert tokenizer.encode("가龘").ids[-2] == tiny_e5.UNK


def test_a_block_is_dequantised_to_the_weights_worked_out_by_hand() -> None:
    # scale -0.25; the first byte 0xF0: weight 0 has bits 0, weight 16 bits 15; the others 8, which is zero
    block = struct.pack("<e", -0.25) + bytes([0xF0]) + bytes([0x88] * 15)
    weights = dequantise(np.frombuffer(block, np.uint8))
    assert weights.dtype == np.float32
    assert weights[0] == 2.0  # -0.25 * (0 - 8)
    assert weights[16] == -1.75  # -0.25 * (15 - 8)
    assert np.count_nonzero(weights) == 2


def test_blocks_follow_one_another_32_weights_each() -> None:
    other = struct.pack("<e", 1.0) + bytes([0x99] * 16)
    weights = dequantise(np.frombuffer(tiny_e5.BLOCK + other, np.uint8))
    assert weights.tolist() == tiny_e5.BLOCK_WEIGHTS + [1.0] * 32


def test_sizes_and_pieces_are_read_as_written() -> None:
    packed = parse_e5(WHOLE)
    assert (packed.sizes.hidden, packed.sizes.layers, packed.sizes.vocabulary) == (32, 1, 16)
    assert packed.sizes.layer_norm_epsilon == 1e-12
    assert packed.tokens.pieces == tiny_e5.PIECES
    assert (packed.tokens.bos, packed.tokens.eos, packed.tokens.pad, packed.tokens.unk) == (0, 2, 1, 3)
    assert packed.tokens.normalization == tiny_e5.NORMALIZATION


def test_tensors_are_read_by_name() -> None:
    tensors = parse_e5(WHOLE).tensors
    assert tensors["emb.word"].tolist() == tiny_e5.BLOCK_WEIGHTS * 16
    assert tensors["emb.ln.w"][:3].tolist() == [0, np.float32(0.01), np.float32(0.02)]
