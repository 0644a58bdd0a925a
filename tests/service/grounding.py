"""A generated text grounded as a whole, against three sentences of one passage."""

from collections.abc import Sequence

from hypothesis import strategies as st

from service.assemble import Grounded, assemble
from service.ground import ground_statement
from service.markers import split_statements
from service.types import Sentence
from tests.service.made import make_sentences

SENTENCES = make_sentences(
    "푸른숲 도서관은 가람동에 분관을 열었다.",
    "예산은 350억 원이다.",
    "개관식에는 주민 40여 명이 왔다.",
)
WRITTEN = st.lists(
    st.sampled_from(
        [
            *"[1] [2] [3] [0] [17] [1,2] 예산은 350억 원 7억 40여 명 . ! ? won 35 billion 도서관 ”".split(),
            *("[", "]", " ", "\n"),
        ]
    ),
    max_size=25,
).map("".join)


def ground(text: str, sentences: Sequence[Sentence]) -> Grounded:
    """The whole generated text, grounded statement by statement."""
    return assemble([ground_statement(s, sentences) for s in split_statements(text)], sentences)
