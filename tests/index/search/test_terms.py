from collections.abc import Sequence

from index.search.terms import Glossary, Term, analyse_glossary


class Spaces:
    """Words are what stands between spaces."""

    def words(self, text: str) -> list[str]:
        return text.split()

    def words_of_many(self, texts: Sequence[str]) -> list[list[str]]:
        return [text.split() for text in texts]


GLOSSARY = Glossary(
    analyse_glossary(
        Spaces(),
        "# a comment\nregion\t지역 지방\narea\t지역 구역\nsummit\t정상회의\npress conference\t기자회견\n",
    )
)


def test_a_word_is_looked_for_together_with_its_equivalents() -> None:
    assert GLOSSARY.terms(["region", "x"]) == [Term((("region",), ("지역",), ("지방",))), Term((("x",),))]


def test_equivalents_work_in_both_directions() -> None:
    assert GLOSSARY.terms(["지역"]) == [Term((("지역",), ("region",), ("area",)))]


def test_what_an_expression_is_called_stands_for_each_of_its_words() -> None:
    press, conference = GLOSSARY.terms(["press", "conference"])
    assert press == Term((("press",), ("기자회견",)))
    assert conference == Term((("conference",), ("기자회견",)))


def test_an_expression_is_its_words_in_that_order_side_by_side() -> None:
    assert GLOSSARY.terms(["conference", "press"]) == [Term((("conference",),)), Term((("press",),))]
    assert GLOSSARY.terms(["press", "x", "conference"])[0] == Term((("press",),))


def test_a_term_is_found_when_all_words_of_an_alternative_are_there() -> None:
    term = Term((("summit",), ("정상", "회의")))
    assert term.found_in({"정상", "회의", "주간"})
    assert not term.found_in({"정상", "주간"})


def test_repeated_words_are_one_term() -> None:
    assert len(GLOSSARY.terms(["x", "x"])) == 1
