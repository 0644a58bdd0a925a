"""Language models worth using, by the memory and the processor they need; the larger ones need the hub.

Sizes and licences are those of the model cards in November 2026. Check a licence before you use a model.
"""

from dataclasses import dataclass

from service.models.catalogue import DEFAULT_LLM

_SHARE_OF_MEMORY = 0.6  # the rest is for the store, the embedding model and everything else
_BYTES_A_GB = 1e9


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """A language model. name: as the setting `llm` takes it. cores: below which it is slow without a GPU.

    commercial: whether its licence allows commercial use; a model without it is listed, never recommended.
    """

    name: str
    size_gb: float
    cores: int
    licence: str
    note: str
    commercial: bool = True


MODELS = (
    RecommendedModel("qwen2.5-coder-0.5b-instruct", 0.5, 1, "Apache-2.0", "tiny; poor Korean"),
    RecommendedModel(DEFAULT_LLM, 1.1, 2, "Apache-2.0", "the default; needs no hub"),
    RecommendedModel(
        "hf:ch00n/kanana-nano-2.1b-instruct-Q4_K_M-GGUF/kanana-nano-2.1b-instruct-q4_k_m.gguf",
        1.4,
        3,
        "CC-BY-NC-4.0",
        "good Korean; not for commercial use",
        commercial=False,
    ),
    RecommendedModel(
        "hf:LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct-GGUF/EXAONE-3.5-2.4B-Instruct-Q4_K_M.gguf",
        1.6,
        4,
        "EXAONE (research only)",
        "good Korean; not for commercial use",
        commercial=False,
    ),
    RecommendedModel(
        "hf:ggml-org/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf",
        2.5,
        6,
        "Gemma terms",
        "good Korean and English",
    ),
    RecommendedModel(
        "hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        2.5,
        6,
        "Apache-2.0",
        "good Korean and English, free licence",
    ),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What a language model would run on. cores: physical ones."""

    memory_bytes: int
    cores: int
    has_gpu: bool = False


def fits(model: RecommendedModel, machine: Machine) -> bool:
    """Return whether the model fits the memory and is fast enough on the machine."""
    in_memory = model.size_gb * _BYTES_A_GB <= _SHARE_OF_MEMORY * machine.memory_bytes
    return in_memory and (machine.has_gpu or machine.cores >= model.cores)


def recommend(machine: Machine) -> RecommendedModel:
    """Return the largest model for any use that fits, of equals the one listed last; else the smallest."""
    fitting = [model for model in MODELS if model.commercial and fits(model, machine)]
    return fitting[-1] if fitting else MODELS[0]
