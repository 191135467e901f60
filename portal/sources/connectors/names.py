"""How a dataset's location is written: names with dots between them; a name with a dot or a quote stands in quotes."""

import re
from typing import Final

_PLAIN: Final = re.compile(r"[^\".]+")
_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def split(location: str) -> tuple[str, ...]:
    """The names in a location: `hr.chat` → hr, chat; `"a.b".c` → a.b, c. Raises ValueError when it is malformed."""
    names, position = [], 0
    while True:
        found = _PART.match(location, position)
        if not found:
            raise ValueError("a name, or a name in double quotes, is expected between the dots")
        names.append(found[1].replace('""', '"') if found[1] is not None else found[2])
        position = found.end()
        if position == len(location):
            return tuple(names)
        if location[position] != ".":
            raise ValueError("a dot is expected between names")
        position += 1


def join(*names: str) -> str:
    """The location of these names, so that `split` gives them back."""
    return ".".join(name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"' for name in names)
