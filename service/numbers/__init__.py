"""Parse Korean and English quantities in text into comparable values, and write them in English. Pure.

"1천881억8천만원", "188.18 billion won" and "188,180,000,000 won" are equal; so are "세 번째" and
"third". Dates are parsed into their parts: "2026. 1. 29." is year 2026, month 1, day 29.
"""

from service.numbers.finding import find_quantities
from service.numbers.glosses import (
    amount_end,
    english_number,
    gloss_in_english,
    in_english,
    korean_number,
    without_conversions,
)
from service.numbers.quantity import MONEY, Quantity, Unit
from service.numbers.support import unsupported_quantities

__all__ = (
    "MONEY",
    "Quantity",
    "Unit",
    "amount_end",
    "english_number",
    "find_quantities",
    "gloss_in_english",
    "in_english",
    "korean_number",
    "unsupported_quantities",
    "without_conversions",
)
