"""Numbers made into words for the tests, and what is read in a text as they compare it."""

from service.numbers import Unit, find_quantities

Reading = tuple[str, str, Unit]  # as written, its value, its unit
Readings = list[tuple[str, list[Reading]]]  # a text, and each number in it

WON, DOLLAR, PERCENT = Unit.WON, Unit.DOLLAR, Unit.PERCENT
YEAR, MONTH, DAY, COUNT, BARE = Unit.YEAR, Unit.MONTH, Unit.DAY, Unit.COUNT, Unit.BARE

KOREAN_UNITS = ((10**16, "경"), (10**12, "조"), (10**8, "억"), (10**4, "만"))


def read(text: str) -> list[Reading]:
    """Each number in the text."""
    return [
        (quantity.text, f"{quantity.value.normalize():f}", quantity.unit)
        for quantity in find_quantities(text)
    ]


def below_ten_thousand(value: int, *, with_units: bool, with_commas: bool) -> str:
    """1881 as 1881, 1,881 or 1천881; 4000 as 4천; 1200 as 1천2백."""
    if not with_units or value < 100:
        return f"{value:,}" if with_commas else str(value)
    thousands, rest = divmod(value, 1000)
    hundreds, rest = divmod(rest, 100)
    return "".join(
        [
            f"{thousands}천" if thousands else "",
            f"{hundreds}백" if hundreds else "",
            str(rest) if rest else "",
        ]
    )


def in_korean(value: int, *, with_units: bool, with_spaces: bool, with_commas: bool) -> str:
    """The number in mixed Korean form, such as 1억 2,345만 6천7백8."""
    groups = []
    for size, unit in KOREAN_UNITS:
        count, value = divmod(value, size)
        if count:
            form = below_ten_thousand(count, with_units=with_units, with_commas=with_commas)
            groups.append(f"{form}{unit}")
    if value or not groups:
        rest = below_ten_thousand(value, with_units=with_units, with_commas=with_commas)
        # "3만 5명" may be two numbers, so a small rest is written without a space.
        if groups and value < 100:
            groups[-1] += rest
        else:
            groups.append(rest)
    return (" " if with_spaces else "").join(groups)
