import pytest

from service.transliterate import gloss_names, romanise, spells


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [("천일", "cheonil"), ("대구", "daegu"), ("에너캠프", "eneokaempeu"), ("한강A", "hangangA")],
)
def test_hangul_is_written_in_latin_letters_syllable_by_syllable(hangul: str, latin: str) -> None:
    assert romanise(hangul) == latin


@pytest.mark.parametrize(
    ("hangul", "name"),
    [
        ("에너캠프", "Enercamp"),
        ("천일", "Cheonil"),
        ("대구", "Daegu"),
        ("제주", "Jeju"),
        ("엔지니어링", "Engineering"),
        ("코카콜라", "Coca-Cola"),
    ],
)
def test_hangul_spells_the_name(hangul: str, name: str) -> None:
    assert spells(hangul, name)


@pytest.mark.parametrize(
    ("hangul", "name"), [("충전기", "Enercamp"), ("대전", "Daegu"), ("울산", "Busan"), ("회사", "Hosa")]
)
def test_hangul_does_not_spell_another_name(hangul: str, name: str) -> None:
    assert not spells(hangul, name)


def test_a_name_of_the_question_is_put_after_its_hangul_and_before_the_particle() -> None:
    text = "충전기를 만드는 '에너캠프'는 계약을 맺었다."
    assert (
        gloss_names(text, "What does Enercamp make?")
        == "충전기를 만드는 '에너캠프(= Enercamp)'는 계약을 맺었다."
    )


def test_a_name_that_stands_in_the_text_already_is_left_alone() -> None:
    assert gloss_names("Enercamp(에너캠프)", "What is Enercamp?") == "Enercamp(에너캠프)"
