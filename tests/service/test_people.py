import pytest

from service.people import Introduction, name_people, names_somebody

BEFORE = "엠엔비젼의 최진욱 대표가 개회사를 했다. 이어 한울대학교 정다운 교수가 강연했다. "


def named(text: str, before: str = BEFORE) -> str:
    return name_people(text, lambda: before)[0]


def test_surname_before_a_title_becomes_the_full_name() -> None:
    assert named("최 대표는 “곧 시작한다”고 말했다.") == "최진욱 대표는 “곧 시작한다”고 말했다."


def test_introduction_tells_where_the_name_stands() -> None:
    _, found = name_people("최 대표는 말했다.", lambda: BEFORE)
    assert [introduction.name for introduction in found] == ["최진욱"]
    assert found[0].span.of(BEFORE) == "최진욱 대표"


def test_every_person_is_named_in_the_order_of_the_text() -> None:
    text, found = name_people("정 교수와 최 대표가 만났다.", lambda: BEFORE)
    assert text == "정다운 교수와 최진욱 대표가 만났다."
    assert [introduction.name for introduction in found] == ["정다운", "최진욱"]


def test_person_mentioned_twice_is_named_twice() -> None:
    assert named("최 대표는 웃었다. 최 대표가 옳았다.") == "최진욱 대표는 웃었다. 최진욱 대표가 옳았다."


def test_first_mention_is_the_introduction() -> None:
    before = "최진욱 대표가 왔다. 최진욱 대표가 갔다. "
    (introduction,) = name_people("최 대표는 말했다.", lambda: before)[1]
    assert (introduction.span.start, introduction.span.end) == (0, 6)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "최 대표가 왔다.",
        "최진욱 이사가 왔다.",  # another title
        "박진욱 대표가 왔다.",  # another surname
        "최진욱 대표가 왔고 최한솔 대표도 왔다.",  # who is meant cannot be told
        "대최진욱 대표가 왔다.",  # part of a longer word
    ],
)
def test_nobody_or_two_introduced_leaves_the_text_as_it_is(before: str) -> None:
    assert name_people("최 대표는 말했다.", lambda: before) == ("최 대표는 말했다.", [])


@pytest.mark.parametrize(
    "before",
    [
        "최진욱 (엠엔비젼) 대표가 왔다.",
        "최진욱 엠엔비젼 공동 대표가 왔다.",
        "이날 대표 최진욱 씨가 왔다.",
        "최진욱 대표, 박하늘 이사가 왔다.",
    ],
)
def test_person_may_be_introduced_with_an_affiliation_or_after_the_title(before: str) -> None:
    assert named("최 대표는 말했다.", before) == "최진욱 대표는 말했다."


def test_affiliation_does_not_reach_into_another_sentence_or_clause() -> None:
    assert named("최 대표는 말했다.", "최진욱 씨가 왔다. 다른 대표가 갔다.") == "최 대표는 말했다."
    assert named("최 대표는 말했다.", "최진욱 이사, 박하늘 대표가 왔다.") == "최 대표는 말했다."


def test_longer_title_is_not_taken_for_a_shorter_one() -> None:
    before = "김하늘 회장과 김바다 부회장이 왔다. "
    assert named("김 부회장이 말했다.", before) == "김바다 부회장이 말했다."
    assert named("김 회장이 말했다.", before) == "김하늘 회장이 말했다."


@pytest.mark.parametrize("text", ["우리 대표는 말했다.", "최진욱 대표는 말했다.", "최 대표팀이 이겼다."])
def test_what_is_no_surname_with_a_title_is_left_alone(text: str) -> None:
    assert named(text) == text


def test_text_before_is_asked_for_only_when_needed_and_once() -> None:
    asked: list[str] = []

    def read_before() -> str:
        asked.append("")
        return BEFORE

    name_people("대표가 말했다.", read_before)
    assert asked == []
    name_people("최 대표와 정 교수가 말했다.", read_before)
    assert len(asked) == 1


def test_introduction_is_a_value() -> None:
    first = name_people("최 대표는 말했다.", lambda: BEFORE)[1]
    assert first == [Introduction("최진욱", first[0].span)]


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("최진욱 대표는 사례를 들었다. ", "최진욱 대표"),
        ("엠엔비젼의 최진욱 대표는 사례를 들었다. ", "최진욱 대표"),
        ("최진욱 대표는 사례를 들었다. 그는 웃었다. ", "최진욱 대표"),
        ("엠엔비젼의 최진욱 대표가 왔다. 최 대표는 웃었다. ", "최진욱 대표"),
    ],
)
def test_pronoun_gets_the_name_of_whom_the_sentence_before_speaks_of(before: str, name: str) -> None:
    text, found = name_people("그는 “곧 시작한다”고 말했다.", lambda: before)
    assert text == f"그({name})는 “곧 시작한다”고 말했다."
    assert found[0].span.of(before) == "최진욱 대표"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "행사가 열렸다. ",
        "최진욱 대표는 정다운 교수와 만났다. ",
        "최진욱 대표는 사례를 들었다. 행사가 끝났다. ",
        "행사는 최진욱 대표의 인사로 끝났다. ",
    ],
)
def test_pronoun_stays_where_it_is_not_clear_who_is_meant(before: str) -> None:
    assert name_people("그는 웃었다.", lambda: before) == ("그는 웃었다.", [])


def test_demonstrative_is_no_pronoun() -> None:
    assert named("그 결과 매출이 늘었다.", "최진욱 대표는 사례를 들었다. ") == "그 결과 매출이 늘었다."


@pytest.mark.parametrize(
    ("text", "names"),
    [("정다운 교수가 심사했다.", True), ("나다운 부시장은", True), ("심사는 오후에 했다.", False)],
)
def test_person_is_seen_by_the_title(text: str, names: bool) -> None:
    assert names_somebody(text) is names
