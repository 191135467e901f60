"""What is wrong with a form, for the summary at the top of its page."""

from collections.abc import Iterable, Mapping


def to_mend(
    errors: Mapping[str | None, str | Iterable[str]], ids: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """(id of the field, words) of each error, in the order given, for errors by field.

    `ids`: field → id where that is not `f-` and its name; '' for an error that belongs to no field of the page.
    """
    found = []
    for name, words in errors.items():
        said = words if isinstance(words, str) else " ".join(str(one) for one in words)
        if said:
            found.append(((ids or {}).get(name or "", f"f-{name}" if name else ""), said))
    return found
