"""What a person writes under "Never capture here", kept as what a collector compares: programs and host names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from wire.exclusions import entries, matches, meant
from wire.policy import Context

LONGEST = 80
MOST = 100


class ExclusionError(ValueError):
    """What was written cannot be kept; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Kept:
    """A list as it is kept: `whole`: contexts with all their programs and sites in it; `lines`: what else it holds."""

    whole: tuple[Context, ...]
    lines: tuple[str, ...]


def understood(text: str, ticked: Iterable[Context], known: Sequence[Context]) -> list[str]:
    """The programs and hosts of the ticked contexts and of each line of `text`; a context's name stands for its own.

    Raises ExclusionError, which names the line that no device could match.
    """
    found = [entry for context in ticked for entry in entries(context)]
    written = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, line in written:
        named = meant(line, known)
        if not named:
            raise ExclusionError(_cannot(number, line))
        found += named
    kept = list(dict.fromkeys(found))
    if len(written) > MOST or len(kept) > MOST or any(len(entry) > LONGEST for entry in kept):
        raise ExclusionError(gettext("At most 100 lines of at most 80 letters."))
    return kept


def sorted_out(stored: Iterable[str], contexts: Iterable[Context]) -> Kept:
    """A stored list as the person reads it: contexts that it holds whole, and the lines that belong to none of them."""
    lines = tuple(stored)
    has = {line.casefold() for line in lines}
    whole = [one for one in contexts if entries(one) and has.issuperset(entry.casefold() for entry in entries(one))]
    inside = {entry.casefold() for context in whole for entry in entries(context)}
    return Kept(tuple(whole), tuple(line for line in lines if line.casefold() not in inside))


def covered(line: str, contexts: Sequence[Context]) -> str:
    """In words, what one stored line keeps from being captured."""
    if not matches(line, contexts):
        return str(gettext("Nothing: your devices cannot match this. Save the list, and it is checked."))
    program = gettext("the program of this name")
    site = gettext("this site and all below it")
    word = gettext("each site with this word between the dots of its name")
    if ":" in line or line.startswith("*."):
        return str(site)
    if line.lower().endswith(".exe") or " " in line:
        return str(program)
    return f"{program}; {site if '.' in line else word}"


def _cannot(number: int, line: str) -> str:
    return str(
        gettext(
            "Line %(number)s, “%(line)s”: your devices could not match this with any program or site. Write a program"
            " such as “code”, a site such as “bank.example”, or an app by the name that it has on your pages.",
            number=number,
            line=line[:LONGEST],
        )
    )
