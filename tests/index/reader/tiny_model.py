"""A tiny real embedding model on disk and readers made from it: random weights, one token a character."""

import json
import shutil
from pathlib import Path
from typing import Any

from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.base import BaseModel
from index.reader.calibration import Calibration
from index.reader.encoding import TextEncoder
from index.reader.trained import TorchEngine, TrainedReader

HIDDEN = 32  # a block of 4-bit weights
LAYERS = 4
JOINT_LAYERS = 2
MAX_TOKENS = 512
SPECIAL = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
CHARACTERS = [*map(chr, range(0x21, 0x7F)), *map(chr, range(0xAC00, 0xD7A4))]


def save_embedding_model(folder: Path, *, kind: str = "bert") -> Path:
    """Write a sentence-transformers folder with the modules and prompts of the real one.

    kind: of the transformer, bert or distilbert.
    """
    import torch
    from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

    folder.mkdir(parents=True)
    tokenizer = _make_tokenizer()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model: Any
        if kind == "bert":
            model = BertModel(
                BertConfig(
                    vocab_size=len(tokenizer),
                    hidden_size=HIDDEN,
                    num_hidden_layers=LAYERS,
                    num_attention_heads=4,
                    intermediate_size=2 * HIDDEN,
                    max_position_embeddings=MAX_TOKENS,
                    hidden_dropout_prob=0.0,
                    attention_probs_dropout_prob=0.0,
                    initializer_range=0.3,  # so that texts differ
                    pad_token_id=tokenizer.pad_token_id,
                )
            )
        else:
            model = DistilBertModel(
                DistilBertConfig(
                    vocab_size=len(tokenizer), dim=HIDDEN, n_layers=1, n_heads=4, hidden_dim=2 * HIDDEN
                )
            )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    _write(
        folder / "modules.json",
        [
            {"idx": i, "name": name, "path": path, "type": f"sentence_transformers.models.{module}"}
            for i, (name, path, module) in enumerate(modules)
        ],
    )
    _write(folder / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False})
    _write(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True},
    )
    prompts = {"query": "query: ", "document": "passage: ", "passage": "passage: "}
    _write(folder / "config_sentence_transformers.json", {"prompts": prompts, "similarity_fn_name": "cosine"})
    return folder


def save_cross_encoder(folder: Path, embedding_model: Path, *, n_classes: int = 1) -> Path:
    """Write a folder of the embedding model's weights under a new head that classifies pairs."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    config: Any = BertConfig.from_pretrained(embedding_model, num_labels=n_classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        model: Any = BertForSequenceClassification(config)
    model.bert.load_state_dict(BertModel.from_pretrained(embedding_model).state_dict())
    model.save_pretrained(folder)
    for path in embedding_model.glob("tokenizer*.json"):
        shutil.copy(path, folder)
    return folder


def load_embedder(folder: Path) -> SentenceTransformerEmbedder:
    """Load the model in float32 whatever the processor, so that equal means equal."""
    return SentenceTransformerEmbedder(folder, name="tiny", device="cpu", full_precision=True)


def make_network(embedder: SentenceTransformerEmbedder, *, seed: int = 3) -> Any:
    """Return a reader's network over the model, its own weights moved away from where they begin."""
    import torch

    from index.reader.network import ReaderNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ReaderNetwork(BaseModel.from_embedder(embedder).trainable_encoder(), JOINT_LAYERS)
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.2 * torch.randn_like(parameter))
    return network


def make_reader(
    embedder: SentenceTransformerEmbedder, *, calibration: Calibration | None = None
) -> TrainedReader:
    """Return a reader whose scores mean nothing, but differ from text to text."""
    engine = TorchEngine(make_network(embedder))
    return TrainedReader(engine, TextEncoder(embedder.tokenizer), name="tiny", calibration=calibration)


def _make_tokenizer() -> Any:
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Sequence, Split, WhitespaceSplit
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *CHARACTERS])}
    backend: Any = Tokenizer(WordLevel(vocabulary, unk_token=SPECIAL["unk"]))
    backend.pre_tokenizer = Sequence([WhitespaceSplit(), Split(Regex("."), "isolated")])
    backend.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        **{f"{name}_token": token for name, token in SPECIAL.items()},
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    )


def _write(path: Path, values: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")
