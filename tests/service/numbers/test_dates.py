"""Dates and times, read as their parts."""

import pytest

from tests.service.numbers.made import BARE, COUNT, DAY, MONTH, PERCENT, YEAR, Reading, Readings, read

READINGS: Readings = [
    ("2026. 1. 29.", [("2026", "2026", YEAR), ("1", "1", MONTH), ("29", "29", DAY)]),
    ("2025-10-28", [("2025", "2025", YEAR), ("10", "10", MONTH), ("28", "28", DAY)]),
    ("2025/1/5", [("2025", "2025", YEAR), ("1", "1", MONTH), ("5", "5", DAY)]),
    ("2024년 8월 13일", [("2024", "2024", YEAR), ("8", "8", MONTH), ("13", "13", DAY)]),
    ("28~29일", [("28", "28", DAY), ("29", "29", DAY)]),
    ("29일부터", [("29", "29", DAY)]),
    ("일곱 명, 3일곱", [("일곱", "7", COUNT), ("3", "3", COUNT)]),
    ("3만 2024년", [("3만", "30000", BARE), ("2024", "2024", YEAR)]),
    ("’24.1월에", [("24", "2024", YEAR), ("1", "1", MONTH)]),
    ("'23.12월말", [("23", "2023", YEAR), ("12", "12", MONTH)]),
    ("24.1월", [("24", "2024", YEAR), ("1", "1", MONTH)]),
    ("('20~'27)", [("20", "2020", YEAR), ("27", "2027", YEAR)]),
    ("’97년", [("97", "1997", YEAR)]),
    ("24.1%", [("24.1", "24.1", PERCENT)]),
    ("January 29, 2026", [("January", "1", MONTH), ("29", "29", DAY), ("2026", "2026", YEAR)]),
    ("29th of Jan. 2026", [("29", "29", DAY), ("Jan", "1", MONTH), ("2026", "2026", YEAR)]),
    ("in May 2025", [("May", "5", MONTH), ("2025", "2025", YEAR)]),
    ("You may 5 times march 20 miles", [("5", "5", BARE), ("20", "20", BARE)]),
    ("May I? It may.", []),
    ("In October", [("October", "10", MONTH)]),
    ("May 41 percent", [("41", "41", PERCENT)]),
    ("10:00", [("10", "10", BARE)]),
    ("10:30", [("10", "10", BARE), ("30", "30", BARE)]),
]


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_a_date_is_read_as_its_parts(text: str, expected: list[Reading]) -> None:
    assert read(text) == expected
