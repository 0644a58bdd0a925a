import pytest

from service.small_words import telling_stems


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("The Lotte Hotel hosted it.", {"lott", "hote", "host"}),
        ("There they were, before that.", set()),
        ("문서에는 “분관이 열렸다”라고 적혀 있습니다.", {"분관", "열렸"}),
        ("The document says: “분관”.", {"분관"}),
        ("", set()),
    ],
)
def test_words_that_tell_something_are_names_and_what_is_not_small(text: str, stems: set[str]) -> None:
    assert telling_stems(text) == stems
