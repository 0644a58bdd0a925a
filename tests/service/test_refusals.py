import pytest

from service.refusals import is_refusal
from tests.service.made import make_sentences


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "문서에서 확인되지 않습니다.",
        "문서에서 확인되지 않습니다. [1]",
        "Not found in the documents.",
        "해당 정보는 문서에서 찾을 수 없습니다.",
    ],
)
def test_a_refusal_is_known(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ["예산은 350억 원입니다 [2].", "The budget is 35 billion won."])
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize("text", ["예산은 알 수 없습니다.", "350억 원의 출처는 알 수 없습니다 [1]."])
def test_denial_is_a_refusal_where_it_says_nothing_else(text: str) -> None:
    assert is_refusal(text, make_sentences("개관식이 열렸다."), "350억 원은 어디에서 왔나요?")


@pytest.mark.parametrize(
    "text", ["누구에게 얼마를 나눌지는 아직 알 수 없습니다.", "70억 원의 출처는 알 수 없습니다 [1]."]
)
def test_denial_that_says_something_is_no_refusal(text: str) -> None:
    sentences = make_sentences("누구에게 얼마를 나눌지는 아직 알 수 없다.")  # the document's own denial
    assert not is_refusal(text, sentences, "350억 원은 어디에서 왔나요?")
