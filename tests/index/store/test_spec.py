import json
from dataclasses import replace

import pytest

from index.errors import SpecMismatch
from index.store.spec import IndexSpec

SPEC = IndexSpec("multilingual-e5-small", "abc123", 384, 200, 450, "kiwi-0.21-0.21-1")


def test_spec_comes_back_from_json_as_it_was() -> None:
    assert IndexSpec.from_json(SPEC.to_json()) == SPEC


def test_field_of_a_later_version_is_ignored() -> None:
    values = json.loads(SPEC.to_json()) | {"later": 1}
    assert IndexSpec.from_json(json.dumps(values)) == SPEC


def test_korean_model_name_stays_readable_in_json() -> None:
    assert "한국어-모델" in replace(SPEC, embedding_model="한국어-모델").to_json()


def test_same_weights_under_another_name_are_the_same_model() -> None:
    SPEC.require_same_embedding(replace(SPEC, embedding_model="/models/e5"))


def test_other_weights_under_the_same_name_are_refused() -> None:
    with pytest.raises(SpecMismatch):
        SPEC.require_same_embedding(replace(SPEC, embedding_fingerprint="other"))


def test_refusal_names_both_models_and_what_to_do() -> None:
    other = replace(SPEC, embedding_model="gemma", embedding_fingerprint="other", dimension=768)

    with pytest.raises(SpecMismatch) as raised:
        SPEC.require_same_embedding(other)

    message = str(raised.value)
    assert "multilingual-e5-small (384 dimensions)" in message
    assert "gemma (768 dimensions)" in message
    assert "inyong reembed --embedding gemma" in message
