import pytest

from service.overlap import bigram_overlap


@pytest.mark.parametrize(
    ("statement", "sentence", "share"),
    [
        ("도서관", "도서관은", 1.0),
        ("도서관은", "도서관", 2 / 3),  # 도서, 서관, 관은
        ("ＡＢＣ", "abcd", 1.0),  # full-width letters
        ("도서관", "개관식", 0.0),
        ("...", "도서관", 0.0),
    ],
)
def test_overlap_is_the_share_of_the_statement_s_letter_pairs(
    statement: str, sentence: str, share: float
) -> None:
    assert bigram_overlap(statement, sentence) == pytest.approx(share)
