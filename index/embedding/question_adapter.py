"""A low-rank adapter of the embedding model for questions only; stored embeddings stay valid.

LoRA (Hu et al. 2021, arXiv:2106.09685) on the linear layers, trained to move questions closer to the passages
that answer them (`eval.reader.train_adapter`). Imports torch; import it late.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from index.embedding.weights_file import WeightsFormat, read_weights, write_weights

ADAPTER_FORMAT = WeightsFormat("inyong-question-adapter", "question adapter weights", 1)
BUNDLED = Path(__file__).with_name("question_adapter.safetensors")


class QuestionAdapter(nn.Module):
    """Low-rank updates of a transformer's linear layers, each the product of two thin matrices."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]], rank: int) -> None:
        """Create an adapter that changes nothing yet. shapes: (outputs, inputs) by layer name."""
        super().__init__()
        self.rank = rank
        self.names = tuple(shapes)
        self.down = nn.ParameterList(
            [torch.randn(rank, shapes[n][1]) / shapes[n][1] ** 0.5 for n in self.names]
        )
        self.up = nn.ParameterList([torch.zeros(shapes[n][0], rank) for n in self.names])

    @classmethod
    def for_transformer(cls, transformer: Any, rank: int) -> "QuestionAdapter":
        """Return an untrained adapter for every linear layer of the transformer's encoder."""
        shapes = {
            name: (module.out_features, module.in_features)
            for name, module in transformer.named_modules()
            if isinstance(module, nn.Linear) and name.startswith("encoder.")
        }
        return cls(shapes, rank)

    @contextmanager
    def applied(self, transformer: Any) -> Iterator[None]:
        """Apply the adapter to the transformer inside the block. Not thread-safe."""
        layers = dict(transformer.named_modules())
        handles = [
            layers[name].register_forward_hook(self._hook(down, up))
            for name, down, up in zip(self.names, self.down, self.up, strict=True)
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @staticmethod
    def _hook(down: Tensor, up: Tensor) -> Any:
        def add(_module: Any, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
            (states,) = arguments
            return output + (states @ down.T.to(states)) @ up.T.to(states)

        return add

    def save(self, path: Path, *, base: str, metadata: Mapping[str, str]) -> None:
        """Write the weights in float16."""
        tensors = {}
        for name, down, up in zip(self.names, self.down, self.up, strict=True):
            tensors[f"{name}.down"] = down.detach().cpu().numpy().astype(np.float16)
            tensors[f"{name}.up"] = up.detach().cpu().numpy().astype(np.float16)
        write_weights(path, ADAPTER_FORMAT, tensors, base=base, metadata=metadata)

    @classmethod
    def load(cls, path: Path, *, base: str | None = None) -> "QuestionAdapter":
        """Read the weights. Raises WeightsUnusable."""
        file = read_weights(path, ADAPTER_FORMAT, base=base)
        names = [name.removesuffix(".down") for name in file.tensors if name.endswith(".down")]
        downs = {n: torch.from_numpy(file.tensors[f"{n}.down"].astype(np.float32)) for n in names}
        ups = {n: torch.from_numpy(file.tensors[f"{n}.up"].astype(np.float32)) for n in names}
        shapes = {n: (ups[n].shape[0], downs[n].shape[1]) for n in names}
        adapter = cls(shapes, next(iter(downs.values())).shape[0])
        with torch.no_grad():
            for name, down, up in zip(adapter.names, adapter.down, adapter.up, strict=True):
                down.copy_(downs[name])
                up.copy_(ups[name])
        return adapter.requires_grad_(False)
