import pytest

from service.naming import is_named, squash


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("푸른숲도서관", "새로 연 푸른숲 도서관"),  # spaces come and go
        ("중기부", "중소벤처기업부가 밝혔다."),
        ("과기정통부", "과학기술정보통신부 장관"),
        ("서울고법", "서울고등법원 제9민사부"),
        ("리바이스", "Levi's opened a shop."),
        ("코카콜라", "Coca-Cola와 손잡았다."),
    ],
)
def test_text_speaks_of_the_name(name: str, text: str) -> None:
    assert is_named(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("중기부", "중소기업 지원 방안"),
        ("산업부", "산림청 사업 일부"),  # not within one word
        ("김민수", "김해시민수영장이 문을 열었다."),  # names of people have no short form
        ("대구", "대한민국 전기 구역"),
        ("주택법", "주택임대차보호법에 따른다."),
        ("리바이스", "Lotte opened a shop."),
    ],
)
def test_text_does_not_speak_of_the_name(name: str, text: str) -> None:
    assert not is_named(name, text)


def test_squashed_text_is_its_letters_and_digits() -> None:
    assert squash("AX 전략, 3.0판!") == "ax전략30판"
