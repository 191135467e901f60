"""Why a draft is refused, and what its fields are called, as people read it."""

from typing import Final

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.policies.drafts.rules import Problem
from portal.policies.models import DraftState
from wire.sentences import TABLE

_ = lazy_gettext
REASONS: Final[dict[str, LazyString]] = {
    "past": _("This moment is over. Choose one that is still to come."),
    "before_begin": _("It ends before it begins."),
    "too_far": _("A policy lasts at most five years; then people look at it anew."),
    "unannounced": _(
        "What captures more begins %(hours)s hours after the last signature at the earliest, so that people can be "
        "told. As of now that is %(earliest)s UTC; leave time for the signatures."
    ),
    "ties": _(
        "Policy %(version)s is for some of the same people and is neither more nor less specific, so nobody could say "
        "which one holds. Narrow one of the two, or use the same audience to replace it."
    ),
    "not_mapping": _("Here named entries are expected, each as “name: value”."),
    "not_list": _("Here a list is expected."),
    "not_text": _("Here one text is expected."),
    "not_number": _("Here a whole number is expected."),
    "unknown": _("There is no “%(name)s” here. Check the spelling."),
    "missing": _("“%(name)s” is missing."),
    "too_few": _("At least one entry is needed. An empty list would mean nobody or nothing."),
    "too_many": _("At most %(most)s entries."),
    "empty": _("This must not be empty."),
    "long": _("At most %(most)s characters."),
    "hidden": _("It holds characters that nobody sees, which could make a reader read something else."),
    "twice": _("“%(name)s” stands here twice."),
    "out_of_range": _("A number from %(least)s to %(most)s."),
    "no_id": _("Short name: lower-case letters a to z, digits and hyphens, at most 40."),
    "no_host": _("“%(name)s” is no host name. For example wiki.example.com, or *.example.com for all below it."),
    "matches_nothing": _("Without a program or a site it would match nothing."),
    "kind_twice": _("A kind has two rules. Put them together."),
    "no_kind": _("There is no kind “%(name)s”."),
    "no_context": _("No app or site has the short name “%(name)s”."),
    "no_clock": _("A time of the day, such as 08:30; the day ends at 24:00."),
    "hours_order": _("The stretch ends before it begins. It lies within one day."),
    "no_redaction": _("Nothing called “%(name)s” can be blacked out."),
    "no_link": _("A link that begins with https://, so that people can read it."),
    "no_moment": _("A date and a time in UTC, such as 2027-01-31 08:00."),
    "rings_numbers": _("Whole percentages with commas between them, such as 1, 10, 100."),
    "most_failed": _("A whole percentage from 0 to 50: if more could refuse, nothing would ever halt it."),
    "least_applied": _("A whole percentage from 1 to 100."),
    "rings_order": _("Each percentage is larger than the one before, at most ten of them, and the last one is 100."),
    "rings_narrowing": _(
        "It asks for no more than before, so it holds for everybody at once. Rings only hold back what asks for more."
    ),
    "rings_mixed": _(
        "It also takes something away, and rings would keep that from the people who wait. Publish that part first: it "
        "holds at once. Then let the wider part go out in rings."
    ),
    "pause": _(
        "A pause lasts %(minutes)s minutes at least. Less would be no pause; a longer least would take from people the "
        "half hour that every page offers."
    ),
    "yaml_long": _("The text is too long for a policy (at most 64 KiB)."),
    "yaml_empty": _("There is nothing to read."),
    "yaml_not_mapping": _("A policy is written as “name: value”, one below the other."),
    "yaml_documents": _("There is more than one document in the text. Leave one."),
    "yaml_alias": _("References (& and *) are not read here. Write out what they stand for."),
    "yaml_tag": _("Types (!) are not read here. Write the plain value."),
    "yaml_syntax": _("This is not YAML: check indentation, colons and quotation marks."),
    "yaml_deep": _("It is nested too deeply."),
    "yaml_key": _("A name must be one plain word."),
    "yaml_twice": _("“%(name)s” stands here twice. Only one can hold."),
}
STATES: Final[dict[DraftState, LazyString]] = {
    DraftState.DRAFT: _("Draft"),
    DraftState.SUBMITTED: _("Submitted for decision"),
    DraftState.WITHDRAWN: _("Withdrawn"),
    DraftState.PUBLISHED: _("Published"),
    DraftState.REJECTED: _("Rejected"),
    DraftState.CONDITIONS: _("Approved with conditions"),
}
TONES: Final = {
    DraftState.SUBMITTED: "info",
    DraftState.PUBLISHED: "good",
    DraftState.REJECTED: "danger",
    DraftState.CONDITIONS: "warn",
}
FIELDS: Final[dict[str, LazyString]] = {
    "audience": _("For whom"),
    "begins": _("Begins"),
    "ends": _("Ends"),
    "contexts": _("Apps and sites"),
    "rules": _("What is captured"),
    "exclusions": _("Never captured"),
    "hours": _("Hours"),
    "redaction": _("Blacked out"),
    "max_sensitivity": _("Highest sensitivity"),
    "purpose": _("Purpose"),
    "legal_basis": _("Legal basis"),
    "impact_assessment": _("Impact assessment"),
    "pause_min_minutes": _("Shortest pause"),
    "self_service_hours": _("Deleting without asking"),
    "lease_ttl_s": _("Permit lasts"),
    "title": _("Title"),
    "rollout": _("Rings"),
    "rings": _("Rings"),
    "most_failed": _("Refusals that halt it"),
    "least_applied": _("Obeying before it goes on"),
}


def reason(problem: Problem) -> str:
    """Why, as a sentence."""
    return str(REASONS[problem.code]) % problem.parameters


def label(problem: Problem) -> str:
    """What the field is called; '' for the text as a whole."""
    top = problem.path.removeprefix("rollout.").split(".")[0]
    return str(FIELDS.get(top, ""))


def kinds(language: str) -> list[tuple[str, str]]:
    """Every kind with its words."""
    return [(kind, words[language]) for kind, words in TABLE["words"]["kind"].items()]


def redactions(language: str) -> list[tuple[str, str]]:
    """Every class of text that can be blacked out, with its words."""
    return [(name, words[language]) for name, words in TABLE["words"]["redaction"].items()]


def weekdays(language: str) -> list[tuple[str, str]]:
    """Monday to Sunday."""
    return [(day, words[language]) for day, words in TABLE["words"]["weekday"].items()]
