"""Names of sites, departments and countries."""

import unicodedata


def place_name(text: str) -> str:
    """The name of a site, department or country as it is compared: in one form (NFC), with single blanks, and without
    what nobody sees. Wherever such a name enters, it is read by this.
    """
    seen = (one for one in unicodedata.normalize("NFC", text) if one.isspace() or unicodedata.category(one)[0] != "C")
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))
