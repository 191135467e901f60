"""What a text holds that needs care: validated identifiers, credentials, special categories.

Numbers count only when their check digits hold (python-stdnum, phonenumbers); credentials are those of detect-secrets;
words of health, union and tax take their whole sentence with them. Categories are keys of the fideslang taxonomy.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from stdnum import iban, luhn
from stdnum.at import vnr
from stdnum.ch import ssn as ahv
from stdnum.de import idnr, stnr
from stdnum.es import nif
from stdnum.fr import nir
from stdnum.gb import nhs, utr
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.us import ssn

from collector import insurance_number, words


@dataclass(frozen=True)
class Finding:
    """One stretch of text, half-open, with the name of its class: a key of CLASSES."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Class:
    """A class of sensitive text: its fideslang category, and the level of a segment in which it was found."""

    category: str
    level: int


CLASSES: dict[str, Class] = {
    "bank": Class("user.financial.bank_account", 3),
    "card": Class("user.financial.credit_card", 3),
    "tax": Class("user.government_id.national_identification_number", 3),
    "health": Class("user.health_and_medical", 4),
    "union": Class("user.demographic.political_opinion", 4),
    "credentials": Class("user.authorization.credentials", 4),
    "email": Class("user.contact.email", 3),
    "phone": Class("user.contact.phone_number", 3),
}
FLOOR = frozenset({"bank", "card", "tax", "health", "union", "credentials", "phone"})

# Looked for at each place, so that neither a word directly before it nor another run swallows one.
_IBAN = re.compile(r"(?=([A-Za-z]{2}[0-9]{2}(?:[ \-]?[A-Za-z0-9]){11,30}))")
_INSURANCE = re.compile(r"(?<![0-9])[0-9](?:[ ./\-]?[0-9]){7}[ ./\-]?[A-Za-z](?:[ ./\-]?[0-9]){3}(?![0-9])")
_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ ./\-]?[0-9]){7,18}(?![0-9])")
_LETTERED = re.compile(r"(?<![A-Za-z0-9])[0-9A-Za-z](?:[ .\-]?[0-9A-Za-z]){7,16}(?![A-Za-z0-9])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+")
_ASSIGNED = re.compile(
    r"(?i)(?:pass(?:wor[dt]|phrase|code)?|passwd|pwd|(?<![a-z])pw|kennwort|pin|tan|secret|token|api[_\- ]?key)"
    r"\s*(?:is|ist|lautet|[:=]{1,2})\s*[\"']?([^\s\"']{4,})"
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_TAX_NUMBERS: tuple[Callable[[str], bool], ...] = (
    idnr.is_valid,
    ssn.is_valid,
    ahv.is_valid,
    vnr.is_valid,
    nhs.is_valid,
    bsn.is_valid,
    pesel.is_valid,
)
_TAX_LETTERED: tuple[Callable[[str], bool], ...] = (codicefiscale.is_valid, nif.is_valid, nir.is_valid)
_CONTEXT_TAX: tuple[Callable[[str], bool], ...] = (stnr.is_valid, utr.is_valid)
_GLUED = 11
"""Digits that a number directly after a letter needs: shorter runs stand in every hash."""

_CARD_DIGITS = range(13, 20)
_LONGEST_IBAN = 34
_NEAR = 40


def find(text: str, names: frozenset[str]) -> tuple[Finding, ...]:
    """All findings of the named classes (FLOOR is always among them) in `text`, in order; they may overlap."""
    wanted = names | FLOOR
    found = (finding for detect in _DETECTORS for finding in detect(text) if finding.name in wanted)
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end)))


def _banks(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        end = _longest(match.group(1), iban.is_valid)
        if end:
            yield Finding(match.start(), match.start() + end, "bank")


def _longest(run: str, valid: Callable[[str], bool]) -> int:
    """Length of the longest prefix of `run` that is valid; 0 if none is."""
    ends = (at for at in range(len(run), 14, -1) if sum(c.isalnum() for c in run[:at]) <= _LONGEST_IBAN)
    return next((at for at in ends if valid(run[:at])), 0)


def _numbers(text: str) -> Iterator[Finding]:
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())
        if len(digits) < _GLUED and text[match.start() - 1 : match.start()].isalpha():
            continue
        if len(digits) in _CARD_DIGITS and luhn.is_valid(digits) and len(set(digits)) > 1:
            yield Finding(*match.span(), "card")
        elif not _dialled(text, match) and (
            any(valid(match.group()) for valid in _TAX_NUMBERS) or _tax_by_context(text, match)
        ):
            yield Finding(*match.span(), "tax")


def _dialled(text: str, match: re.Match[str]) -> bool:
    """Whether it is a telephone number with its country: that is no tax number too."""
    with_sign = text[max(match.start() - 1, 0) : match.end()]
    return with_sign.startswith("+") and any(phonenumbers.PhoneNumberMatcher(with_sign, None))


def _tax_by_context(text: str, match: re.Match[str]) -> bool:
    near = text[max(match.start() - _NEAR, 0) : match.start()].lower()
    return any(word in near for word in words.TAX_LABELS) and any(valid(match.group()) for valid in _CONTEXT_TAX)


def _lettered(text: str) -> Iterator[Finding]:
    for match in _LETTERED.finditer(text):
        run = match.group()
        if any(c.isdigit() for c in run) and any(valid(run) for valid in _TAX_LETTERED):
            yield Finding(*match.span(), "tax")


def _insured(text: str) -> Iterator[Finding]:
    found = _INSURANCE.finditer(text)
    return (Finding(*match.span(), "tax") for match in found if insurance_number.is_valid(match.group()))


def _phones(text: str) -> Iterator[Finding]:
    for region in (None, "DE"):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            yield Finding(match.start, match.end, "phone")


def _emails(text: str) -> Iterator[Finding]:
    return (Finding(*match.span(), "email") for match in _EMAIL.finditer(text))


def _assigned(text: str) -> Iterator[Finding]:
    return (Finding(*match.span(1), "credentials") for match in _ASSIGNED.finditer(text))


@cache
def _secret_plugins() -> tuple[object, ...]:
    # The entropy and keyword plugins guess, and the one for addresses finds no secrets.
    left_out = {"Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "IPPublicDetector"}
    classes = get_mapping_from_secret_type_to_class().values()
    return tuple(plugin() for plugin in classes if plugin.__name__ not in left_out)


def _secrets(text: str) -> Iterator[Finding]:
    for plugin in _secret_plugins():
        for secret in plugin.analyze_string(text):  # type: ignore[attr-defined]
            yield from _everywhere(text, str(secret))
    yield from _private_keys(text)


def _private_keys(text: str) -> Iterator[Finding]:
    for match in re.finditer(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", text):
        end = text.find("-----END", match.end())
        yield Finding(match.start(), len(text) if end < 0 else min(end + 40, len(text)), "credentials")


def _everywhere(text: str, secret: str) -> Iterator[Finding]:
    at = text.find(secret) if secret else -1
    while at >= 0:
        # Some plugins name only a part of the secret: the whole word goes.
        start, end = at, at + len(secret)
        while start > 0 and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and not text[end].isspace():
            end += 1
        yield Finding(start, end, "credentials")
        at = text.find(secret, end)


def _sentences(text: str) -> Iterator[Finding]:
    for name, pattern in words.PATTERNS.items():
        for match in pattern.finditer(text):
            yield Finding(*_sentence(text, match.start(), match.end()), name)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    return (before[-1] if before else 0), (after.start() if after else len(text))


_DETECTORS: tuple[Callable[[str], Iterable[Finding]], ...] = (
    _banks,
    _numbers,
    _lettered,
    _insured,
    _phones,
    _emails,
    _assigned,
    _secrets,
    _sentences,
)
