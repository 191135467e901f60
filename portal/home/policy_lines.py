"""What a device collects now and what it does not, each line tied to the rule, the pause or the stop that says so."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date, gettext

from portal.agents.excluding import sorted_out
from wire.documents import Kind
from wire.exclusions import entries, matches
from wire.policy import MINUTES_PER_DAY, Hours, Policy

MONDAY = date(2024, 1, 1)
DAYS_PER_WEEK = 7
MOST_SENSITIVE = 4


@dataclass(frozen=True)
class Collected:
    """One kind that the device collects now, in these apps and sites."""

    kind: Kind
    contexts: list[str]
    interval_s: int
    sampling: int
    retention_days: int
    rule: str


@dataclass(frozen=True)
class NotCollected:
    """One thing the device does not collect, and why."""

    text: str
    rule: str


def collected(policy: Policy, permitted: dict[str, tuple[str, ...]]) -> list[Collected]:
    """The rules that the permit of one device leaves; `permitted`: kind → contexts, empty without a permit."""
    names = {context.id: context.name for context in policy.contexts}
    return [
        Collected(
            kind=rule.kind,
            contexts=[names[context] for context in rule.contexts if context in permitted[rule.kind]],
            interval_s=rule.interval_s,
            sampling=rule.sampling,
            retention_days=rule.retention_days,
            rule=gettext("rule %(number)s", number=number),
        )
        for number, rule in enumerate(policy.rules, 1)
        if rule.kind in permitted
    ]


def held_back(policy: Policy, permitted: dict[str, tuple[str, ...]]) -> list[NotCollected]:
    """What the policy allows and pauses of the person keep from the device that holds this permit."""
    names = {context.id: context.name for context in policy.contexts}
    lines = []
    for rule in policy.rules:
        held = [names[context] for context in rule.contexts if context not in permitted.get(rule.kind, ())]
        text = _kind_words(rule.kind)
        if len(held) < len(rule.contexts):
            text = gettext("%(kind)s in %(apps)s", kind=text, apps=", ".join(held))
        lines += [NotCollected(text, gettext("paused by you"))] if held else []
    return lines


def not_collected(policy: Policy, exclusions: list[str]) -> list[NotCollected]:
    """What no device collects under this policy, and what the person's own list adds."""
    return [*_floor(), *_by_policy(policy), *_own(policy, exclusions)]


def _floor() -> list[NotCollected]:
    built_in = gettext("built into the collector")
    return [
        NotCollected(text, built_in)
        for text in (
            gettext(
                "Passwords: fields for them, password managers, terminals that ask for one,"
                " and fields we cannot identify in a browser"
            ),
            gettext("This portal, and the page where you sign in"),
            gettext("Private windows"),
            gettext("Another person's session on the same machine"),
            gettext("Sound, camera and your files: there is no code for them"),
        )
    ]


def _by_policy(policy: Policy) -> list[NotCollected]:
    kinds = {rule.kind for rule in policy.rules}
    lines = [
        NotCollected(
            gettext("Every app and site but the %(count)s listed ones", count=len(policy.contexts)),
            gettext("allow-list"),
        )
    ]
    lines += [NotCollected(_kind_words(kind), gettext("no rule allows it")) for kind in Kind if kind not in kinds]
    if policy.exclusions:
        words = ", ".join(gettext("“%(word)s”", word=word) for word in policy.exclusions)
        lines.append(NotCollected(gettext("Windows and sites with: %(words)s", words=words), gettext("exclusions")))
    lines += [
        NotCollected(_redaction_words(name), gettext("hidden in text where it is recognised"))
        for name in policy.redaction
    ]
    if policy.max_sensitivity < MOST_SENSITIVE:
        level = policy.max_sensitivity
        lines.append(
            NotCollected(
                gettext("Anything more sensitive than level %(level)s", level=level), gettext("most sensitive")
            )
        )
    if policy.hours and not _always(policy.hours):
        lines.append(NotCollected(gettext("Anything outside %(hours)s", hours=hours_words(policy)), gettext("hours")))
    return lines


def _own(policy: Policy, exclusions: list[str]) -> list[NotCollected]:
    """The person's own list; a line that no device can match is none, and the settings say so."""
    kept = sorted_out(exclusions, policy.contexts)
    whole = [f"{context.name}: {', '.join(entries(context))}" for context in kept.whole]
    lines = [line for line in kept.lines if matches(line, policy.contexts)]
    return [NotCollected(text, gettext("your own list")) for text in whole + lines]


def hours_words(policy: Policy) -> str:
    """When capture is allowed, in words; '' for any time."""
    hours = policy.hours
    if hours is None or _always(hours):
        return ""
    days = ", ".join(format_date(MONDAY + timedelta(days=day - 1), "EEE") for day in sorted(hours.weekdays))
    return f"{days} {_clock(hours.from_minute)}-{_clock(hours.to_minute)}"


def _always(hours: Hours) -> bool:
    return len(set(hours.weekdays)) == DAYS_PER_WEEK and hours.to_minute - hours.from_minute >= MINUTES_PER_DAY


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _kind_words(kind: Kind) -> str:
    words = {
        Kind.KEY: gettext("What you type"),
        Kind.POINTER: gettext("Where the mouse goes"),
        Kind.CLICK: gettext("Clicks"),
        Kind.SCREENSHOT: gettext("Screenshots"),
        Kind.WINDOW: gettext("Window titles"),
        Kind.PROMPT: gettext("What you ask an AI tool"),
    }
    return str(words[kind])


def _redaction_words(name: str) -> str:
    words = {
        "credentials": gettext("Passwords and keys in what you type"),
        "bank": gettext("Account and card numbers"),
        "tax": gettext("Tax and social security numbers"),
        "health": gettext("Words about health"),
        "phone": gettext("Phone numbers"),
    }
    return str(words.get(name, name))
