"""Names as they may be shown."""


def printable(text: str) -> str:
    """The text without control characters, also those that turn the direction of writing, and blanks around it."""
    return "".join(letter for letter in text if letter.isprintable()).strip()
