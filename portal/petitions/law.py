"""The thresholds as data, read and checked once at the first import."""

import tomllib
from pathlib import Path
from typing import Final

from portal.petitions.rules import Terms

FILE: Final = Path(__file__).parent / "data" / "thresholds.toml"
LEAST_SHOWN: Final = 8
"""No setting may show smaller groups."""


def read(path: Path = FILE) -> Terms:
    """The terms in a file. Raises ValueError or KeyError for a missing or senseless value."""
    with path.open("rb") as file:
        given = tomllib.load(file)
    flat = {f"{table}_{name}": value for table, values in given.items() for name, value in values.items()}
    terms = Terms(
        support_names=flat["support_names"],
        support_unnamed=flat["support_unnamed"],
        support_days=flat["support_days"],
        open_days=flat["open_days"],
        council_percent=flat["council_percent"],
        council_months=flat["council_months"],
        council_article=flat["council_article"],
        employer_percent=flat["employer_percent"],
        employer_days=flat["employer_days"],
        employer_article=flat["employer_article"],
        shown_from=flat["unnamed_shown_from"],
        names_months=flat["names_kept_months"],
    )
    numbers = [value for value in vars(terms).values() if not isinstance(value, str)]
    if min(numbers) < 1 or max(terms.council_percent, terms.employer_percent) > 100:  # noqa: PLR2004 - per cent
        raise ValueError("a threshold makes no sense")
    if min(terms.shown_from, terms.support_unnamed) < LEAST_SHOWN:
        raise ValueError(f"a count below {LEAST_SHOWN} could point at people")
    return terms


TERMS: Final = read()
