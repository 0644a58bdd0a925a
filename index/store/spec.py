"""The settings a store was built with, which indexing and search must share. Saved in the store itself."""

import json
from dataclasses import asdict, dataclass, fields

from index.errors import SpecMismatch


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """The settings that make stored embeddings and tokens comparable with a question's."""

    embedding_model: str  # as the user named it, for messages
    embedding_fingerprint: str  # of the weights, so a renamed or moved model is still the same
    dimension: int
    passage_least: int
    passage_most: int
    analyzer: str  # of the lexical index: the morphological analyser and its version

    def to_json(self) -> str:
        """Return the fields as a JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "IndexSpec":
        """Parse what `to_json` returned; unknown fields are ignored."""
        values = json.loads(text)
        return cls(**{field.name: values[field.name] for field in fields(cls)})

    def require_same_embedding(self, other: "IndexSpec") -> None:
        """Raise SpecMismatch if `other` uses a different embedding model from this store."""
        if self.embedding_fingerprint != other.embedding_fingerprint:
            raise SpecMismatch(
                f"this store was made with the embedding model {self.embedding_model} "
                f"({self.dimension} dimensions), but {other.embedding_model} ({other.dimension} dimensions) "
                f"is set; use the first again (--embedding {self.embedding_model}), "
                f"or re-embed the store with: inyong reembed --embedding {other.embedding_model}"
            )
