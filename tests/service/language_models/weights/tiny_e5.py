"""A packed e5 file small enough to read: one layer, 32 dimensions, a vocabulary of a dozen pieces."""

import struct

import numpy as np

HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, TOKEN_TYPES = 32, 1, 2, 64, 16, 24, 2
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁가",
    "나",
    "다",
    "한글",
    "1",
    "~",
    "～",
    "▁query",
    ":",
    "<mask>",
]
BOS, EOS, PAD, UNK = 0, 2, 1, 3
NORMALIZATION = {"\x01": "", "\u200b": " ", "\t": " ", "\u3000": " ", "\u2581": " ", "\uff11": "1"}
# Scale 0.5; byte j = j in both halves, so weight j and weight j + 16 are 0.5 * (j - 8).
BLOCK = struct.pack("<e", 0.5) + bytes(j | j << 4 for j in range(16))
BLOCK_WEIGHTS = [0.5 * (j - 8) for j in range(16)] * 2


def tensor_shapes() -> dict[str, tuple[int, tuple[int, ...]]]:
    """For each tensor its type, 1 = Q4_0 and 0 = float32, and its shape."""
    shapes: dict[str, tuple[int, tuple[int, ...]]] = {
        "emb.word": (1, (VOCABULARY, HIDDEN)),
        "emb.pos": (0, (POSITIONS, HIDDEN)),
        "emb.type": (0, (TOKEN_TYPES, HIDDEN)),
        "emb.ln.w": (0, (HIDDEN,)),
        "emb.ln.b": (0, (HIDDEN,)),
    }
    linear = dict.fromkeys(("q", "k", "v", "ao"), (HIDDEN, HIDDEN))
    linear |= {"fi": (FEED_FORWARD, HIDDEN), "fo": (HIDDEN, FEED_FORWARD)}
    for name, shape in linear.items():
        shapes[f"l0.{name}.w"] = (1, shape)
        shapes[f"l0.{name}.b"] = (0, shape[:1])
    for name in ("aln", "oln"):
        shapes[f"l0.{name}.w"] = shapes[f"l0.{name}.b"] = (0, (HIDDEN,))
    return shapes


def build_tiny_e5() -> bytes:
    """The whole file. Every Q4_0 block is `BLOCK`; float32 tensors count 0, 0.01, 0.02, …"""
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack(
        "<7i", HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, TOKEN_TYPES
    ) + struct.pack("<fi", 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    blob = b"".join(encoded)
    offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in encoded])])
    head += struct.pack("<5iQ", len(PIECES), BOS, EOS, PAD, UNK, len(blob))
    head += offsets.astype("<u4").tobytes() + np.full(len(PIECES), -2.0, "<f4").tobytes() + blob
    entries = b"".join(
        struct.pack("<IB", ord(c), len(to)) + b"".join(struct.pack("<I", ord(t)) for t in to)
        for c, to in sorted(NORMALIZATION.items())
    )
    head += struct.pack("<iI", len(NORMALIZATION), len(entries)) + entries
    shapes = tensor_shapes()
    table_bytes = 4 + sum(2 + len(name) + 21 for name in shapes)
    table, body = struct.pack("<i", len(shapes)), b""
    for name, (kind, shape) in shapes.items():
        n = int(np.prod(shape))
        data = BLOCK * (n // 32) if kind else (np.arange(n) / 100).astype("<f4").tobytes()
        offset = len(head) + table_bytes + len(body)
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", kind, n, offset, len(data))
        body += data
    return head + table + body
