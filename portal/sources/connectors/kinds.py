"""Kinds of rows, as stores write them. Pure: standard library only."""


def same_kind(kind: object) -> str:
    """A kind as it is compared: without capitals, and spaces around it; "" for none."""
    return "" if kind is None else str(kind).strip(" ").lower()
