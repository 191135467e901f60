"""What a mail says: plain text with a link, never a word of what somebody wrote or of what was captured."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from babel.support import NullTranslations, Translations

CATALOGUES: Final = Path(__file__).parents[1] / "translations"
LANGUAGES: Final = ("en", "de")


def N_(text: str) -> str:  # noqa: N802 - the name under which Babel finds texts that are translated later
    """Mark a text for the catalogue."""
    return text


@dataclass(frozen=True)
class Text:
    """One kind of mail: subject, sentence, and the page that it leads to, all with the mail's params.

    Without a page, for who may have no account, `ending` says what happens next.
    """

    subject: str
    sentence: str
    path: str = ""
    ending: str = ""


REQUEST: Final = "/requests/{request}"
TEXTS: Final[Mapping[str, Text]] = {
    "request_decided": Text(
        N_("Your request %(number)s is decided"),
        N_("HR has decided on your request %(number)s. The decision, its ground and what you can do are on its page."),
        REQUEST,
    ),
    "request_extended": Text(
        N_("Your request %(number)s takes longer"),
        N_("HR needs more time for your request %(number)s. Until when, and why, is on its page."),
        REQUEST,
    ),
    "request_lift_announced": Text(
        N_("Your freeze %(number)s is going to be lifted"),
        N_("HR is going to lift your freeze, request %(number)s. When, why, and what you can do first is on its page."),
        REQUEST,
    ),
    "request_asked_back": Text(
        N_("A question about your request %(number)s"),
        N_("HR asks something about your request %(number)s. Answer on its page: the clock may stand till then."),
        REQUEST,
    ),
    "request_said": Text(
        N_("A message about your request %(number)s"),
        N_("HR wrote to you about your request %(number)s. The message is on its page."),
        REQUEST,
    ),
    "request_sent": Text(
        N_("Request %(number)s in your name"),
        N_("HR has started request %(number)s in your name. What it says is on its page."),
        REQUEST,
    ),
    "policy_published": Text(
        N_("Policy %(version)s: what may be captured changes"),
        N_(
            "Policy %(version)s has been published. What it changes, when it begins and what you can do (pause, opt "
            "out, object) is on the page Policy."
        ),
        "/policy",
    ),
    "address_changed": Text(
        N_("Another mail address"),
        N_(
            "Your account had this mail address, and has another one now. Rows about you in other stores are looked "
            "for under both. If you do not know why, tell HR."
        ),
        "/",
    ),
    "hr_digest": Text(
        N_("Requests today: %(overdue)s overdue, %(at_risk)s at risk, %(new)s new"),
        N_("Overdue: %(overdue)s. Due in 5 days or less: %(at_risk)s. New since yesterday: %(new)s."),
        "/hr",
    ),
    "store_digest": Text(
        N_("Deletions in %(store)s: %(pending)s wait, %(failed)s refused, %(partial)s in part"),
        N_(
            "You answer for the store %(store)s. People's data is to be deleted there, and it does not get on "
            "(%(datasets)s). The store has not answered for %(hours)s hours or more: %(pending)s deletions. "
            "Refused by it: %(failed)s. Carried out in part: %(partial)s. Done, "
            "but only after %(hours)s hours: %(late)s."
        ),
        ending=N_(
            "This mail names nobody whose data is meant. See that the store answers and lets Daylight delete: what "
            "waits is tried again by itself. About what was refused or done in part, ask your privacy officer."
        ),
    ),
}
"""Kind of a mail → what it says."""

GREETING: Final = N_("Hello %(name)s,")
WHY: Final = N_("This mail holds nothing but a link on purpose. Sign in to read the rest.")


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [language]) if language != "en" else NullTranslations()


def _say(text: str, language: str, values: Mapping[str, Any]) -> str:
    return str(_catalogue(language).gettext(text)) % values


def compose(
    mail: tuple[UUID, str, Mapping[str, Any]], to: tuple[str, str, str | None], sender: str, base_url: str
) -> EmailMessage:
    """The mail (id, kind, params) to (name, address, language or None: then in both languages).

    The Message-ID is made from the row's id, so that a mail which left twice counts once at the other end.
    Raises KeyError for an unknown kind, ValueError for an address or name that cannot stand in a header.
    """
    number, kind, params = mail
    name, address, locale = to
    text = TEXTS[kind]
    values = {**params, "name": name}
    link = f"{base_url}{text.path.format_map(params)}\n\n" if text.path else ""
    languages = (locale,) if locale in LANGUAGES else LANGUAGES
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, address
    if [one.addr_spec for one in message["To"].addresses] != [address.strip()]:
        raise ValueError("an address that a mail reads as another, or as several")
    message["Subject"] = " / ".join(_say(text.subject, str(language), values) for language in languages)
    message["Message-ID"] = f"<{number}@{urlsplit(base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    parts = [
        "\n\n".join(_say(said, str(language), values) for said in (GREETING, text.sentence))
        + f"\n\n{link}{_say(WHY if text.path else text.ending, str(language), values)}\n"
        for language in languages
    ]
    message.set_content("\n\n---\n\n".join(parts))
    return message
