import pytest

from index.search.transliteration import is_name_in, romanise, spells


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


@pytest.mark.parametrize(
    ("hangul", "name"),
    [
        ("충주", "Cheongju"),
        ("정수", "Jongsu"),
        ("거성", "Goseong"),
        ("송남", "Seongnam"),
        ("경주", "Gwangju"),
    ],
)
def test_names_of_like_sound_are_others(hangul: str, name: str) -> None:
    assert not spells(hangul, name)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Enercamp", "충전기를 만드는 에너캠프는 계약을 맺었다.", True),
        ("Daegu", "행사는 대구에서 열린다.", True),
        ("Daegu", "대구테크노파크가 맡았다.", False),
    ],
)
def test_a_name_is_a_whole_word_of_the_text_particles_aside(name: str, text: str, found: bool) -> None:
    assert is_name_in(name, text) is found
