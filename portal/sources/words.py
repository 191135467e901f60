"""Why a dataset is refused, in words; made when shown, so that it follows the language chosen now."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.sources.connectors.base import Reason
from portal.sources.rules import FROZEN_FOR_WHOM, LOST, NOT_DESCRIBED

SENTENCES: Final[Mapping[str, LazyString]] = {
    Reason.MISSING: lazy_gettext("It is no longer there."),
    Reason.MISSING_COLUMN: lazy_gettext("It lacks a column that its description names."),
    Reason.VIEW: lazy_gettext("It is a view: its rows lie in other tables, which must be described instead."),
    Reason.NESTED_SUBJECT: lazy_gettext(
        "One row there belongs to several people, so it cannot be erased for one of them."
    ),
    Reason.SUBJECT_TYPE: lazy_gettext("Its column with the person's name holds something other than text or numbers."),
    Reason.TIME_TYPE: lazy_gettext("Its column with the time holds something other than a time."),
    Reason.NO_TIME_COLUMN: lazy_gettext("It does not say when a row was made, so a time range cannot be chosen there."),
    Reason.NO_KIND_COLUMN: lazy_gettext("It does not say of which kind a row is, so a kind cannot be chosen there."),
    Reason.NO_CONTEXT_COLUMN: lazy_gettext("It does not say from which app or site a row is, so none can be chosen."),
    Reason.NO_SENSITIVITY_COLUMN: lazy_gettext("It does not rate how sensitive a row is, so that cannot be chosen."),
    Reason.PART_OF_A_DAY: lazy_gettext("It knows only the day of a row, so only whole days (UTC) can be chosen there."),
    Reason.TABLE_FORMAT: lazy_gettext("Its format cannot be rewritten safely from here."),
    Reason.LINKED: lazy_gettext(
        "It has links to files or folders that lie elsewhere. They cannot be rewritten in their place, so describe "
        "that place instead."
    ),
    Reason.REFERENCED: lazy_gettext("Other rows refer to these rows, so the store does not let them go."),
    Reason.TAKEN_ALONG: lazy_gettext(
        "Rows of another table, which may be other people's, would be deleted or changed with these. Describe that "
        "table, too, and take the cascade out of its foreign key; then it can be asked for again."
    ),
    Reason.COPIES: lazy_gettext(
        "Triggers, rules or views with rows of their own may keep copies of its rows. Nobody finds those from here: "
        "describe the tables that they lie in, too."
    ),
    Reason.UNDATED: lazy_gettext(
        "Some rows there have no time that can be read. They are in no range of time, so a deletion of one leaves them."
    ),
    Reason.DENIED: lazy_gettext("The store does not allow this to our credentials."),
    Reason.NO_HANDLE: lazy_gettext(
        "It holds pseudonyms, and the one for this person is not known, so it cannot be searched."
    ),
    Reason.AMBIGUOUS: lazy_gettext("Two people share the name used there, so the rows of one cannot be told apart."),
    Reason.CONTESTED: lazy_gettext(
        "Somebody else has or had the mail address used there. HR has to say whose it was; then it goes on by itself."
    ),
    Reason.NO_SUBJECT: lazy_gettext("We do not know under which name this person stands there."),
    Reason.NO_READ_BACK: lazy_gettext("No second credentials are set for it, so an erasure could not be proved."),
    Reason.CHANGING: lazy_gettext("It was being written to all the time, so nothing was changed there."),
    Reason.QUARANTINE: lazy_gettext("It holds what is frozen in the table or folder beside it."),
    Reason.NO_QUARANTINE: lazy_gettext(
        "We may not make a closed place beside it, so the rows could not be put out of everybody's reach. They stay "
        "readable there."
    ),
    Reason.NO_WAY_BACK: lazy_gettext("The rows could not be put back there as they are."),
    Reason.STORE_ERROR: lazy_gettext("The store answered with an error."),
    LOST: lazy_gettext("Fewer rows are there than before. Somebody must look into it."),
    FROZEN_FOR_WHOM: lazy_gettext(
        "Rows stay frozen there under a mail address that somebody else has or had, too, whose freeze is in force. "
        "They go back when that one is lifted."
    ),
    NOT_DESCRIBED: lazy_gettext("Nobody has yet said which column names the person."),
}


def refusal(reason: str | None, detail: str = "") -> str:
    """The sentence for a reason (a value of `Reason`, or "not_described"), with the detail behind it."""
    sentence = str(SENTENCES.get(reason or "", SENTENCES[Reason.STORE_ERROR]))
    return f"{sentence} ({detail})" if detail else sentence


def exposure(readable_by: int | None) -> str:
    """How many people can read a dataset, or that nobody knows."""
    if readable_by is None:
        return str(gettext("Nobody has said how many people can read it."))
    return str(gettext("People who can read it: %(count)s", count=readable_by))
