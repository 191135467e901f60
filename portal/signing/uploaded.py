"""The signed document that a form brings back."""

from flask import request

from portal.signing import bundle
from wire import dsse


def signed(payload_type: str) -> bytes:
    """From the file if there is one, else from the text; empty if there is none, or the file to be signed came back."""
    file = request.files.get("file")
    data = file.read(dsse.MAX_ENVELOPE + 1) if file is not None else b""
    given = (data or request.form.get("signed", "").encode()).strip()
    return b"" if _to_sign(given, payload_type) else given


def _to_sign(given: bytes, payload_type: str) -> bool:
    """Whether it is the file that was fetched to be signed, as it was."""
    try:
        return bundle.read(given.decode()).type == payload_type
    except (bundle.BundleError, UnicodeDecodeError):
        return False
