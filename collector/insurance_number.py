"""The German pension insurance number (Versicherungsnummer), which python-stdnum does not know.

Area (two digits), date of birth (six), first letter of the name at birth, serial number (two), check digit.
Source: Verordnung über die Versicherungsnummer, die Kontoführung und den Versicherungsverlauf (VKVV), sections 2 and 4.
"""

import re

_SHAPE = re.compile(r"[0-9]{8}[A-Z][0-9]{3}")
_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_BEFORE_A = ord("A") - 1


def is_valid(number: str) -> bool:
    """Whether the check digit holds; blanks, dots, hyphens and slashes do not count, nor does the letter's case."""
    compact = re.sub(r"[ ./\-]", "", number).upper()
    if not _SHAPE.fullmatch(compact):
        return False
    digits = f"{compact[:8]}{ord(compact[8]) - _BEFORE_A:02}{compact[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(compact[11])
