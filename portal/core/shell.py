"""Words of a command that a person copies into a shell of their own: a shell runs none of what comes from elsewhere."""

import re
import shlex
from typing import Final

_PLAIN: Final = re.compile(r"[\w ./-]+")


def quoted(word: str) -> str:
    """The word as one argument."""
    # Double quotes are understood by every shell, and a plain name holds nothing that they let through.
    return f'"{word}"' if _PLAIN.fullmatch(word) else shlex.quote(word)


def tell_site(site: str) -> str:
    """The command that tells a collector where it is."""
    return f"python -m collector site {'-- ' if site.startswith('-') else ''}{quoted(site)}"
