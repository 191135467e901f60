"""A policy from the plain tree that form and YAML share. All that is wrong is found at once, each at its own field."""

import dataclasses
import re
import unicodedata
from typing import Any, Final

from portal.core.clock import FIRST_YEAR, LAST_YEAR
from portal.core.plain import UNSEEN
from portal.policies.drafts.rules import PAUSE_MINUTES, Problem
from portal.policies.drafts.writing import ALL, ANY, AT_ONCE, moment_ms
from portal.policies.rules import Gate, RingsError, gate_from, rings_of
from wire.documents import LONGEST_LEASE_S, Kind
from wire.policy import MINUTES_PER_DAY, PERMILLE, SENSITIVITY_LEVELS, Audience, Context, Hours, Policy, Rule, Words
from wire.sentences import TABLE

REDACTIONS: Final = tuple(TABLE["words"]["redaction"])
MOST: Final = 100
LONG_TEXT: Final = 1000
SHORT_TEXT: Final = 100
YEARS_KEPT: Final = 3650
MOST_HOURS: Final = 8760
SHORTEST_LEASE_S: Final = 10
DAY_S: Final = 86_400
AXES: Final = ("sites", "departments", "countries")
TOP: Final = (
    "audience", "begins", "ends", "contexts", "rules", "exclusions", "hours", "redaction", "max_sensitivity", "purpose",
    "legal_basis", "impact_assessment", "pause_min_minutes", "self_service_hours", "lease_ttl_s",
)  # fmt: skip
GATE: Final = ("most_failed", "least_applied")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"(?:\*\.)?[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LINK = re.compile(r"https://[^\s/]+\.[^\s/]+(?:/\S*)?")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_NUMBER = re.compile(r"-?[0-9]{1,9}")


class ReadError(Exception):
    """The tree is no policy; every problem is named."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("no policy")
        self.problems = problems


def read(tree: Any) -> Policy:
    """The policy of a tree, without number and difference: version 1, issued 0. Raises ReadError."""
    reader = _Reader([])
    policy = reader.policy(tree)
    if reader.problems or policy is None:
        raise ReadError(reader.problems)
    return policy


def rollout(tree: Any) -> tuple[tuple[int, ...], Gate]:
    """The rings and their gate from the part `rollout` of a text. Raises ReadError."""
    reader = _Reader([])
    given = reader.mapping(tree, "rollout", ("rings", *GATE))
    texts = {name: given[name] if isinstance(given.get(name), str) else "" for name in ("rings", *GATE)}
    for name in given:
        if name in texts and not isinstance(given[name], str):
            reader.wrong(f"rollout.{name}", "not_text")
    try:
        found = rings_of(texts["rings"]), gate_from(*(texts[name] for name in GATE))
    except RingsError as error:
        reader.wrong(f"rollout.{error.field}", error.why)
    if reader.problems:
        raise ReadError(reader.problems)
    return found


@dataclasses.dataclass
class _Reader:
    """Reads one part after the other; what is wrong is noted, and something harmless stands in for it."""

    problems: list[Problem]

    def wrong(self, path: str, code: str, **parameters: str | int) -> None:
        self.problems.append(Problem(path, code, parameters))

    def policy(self, tree: Any) -> Policy | None:
        given = self.mapping(tree, "", TOP)
        known = self.contexts(given.get("contexts"))
        begins, ends = self.begins(given.get("begins")), self.moment(given.get("ends"), "ends")
        parts: dict[str, Any] = {
            "audience": self.audience(given.get("audience")),
            "contexts": known,
            "rules": self.rules(given.get("rules"), {context.id for context in known}),
            "exclusions": self.texts(given.get("exclusions"), "exclusions", few=0),
            "hours": self.hours(given.get("hours")),
            "redaction": self.redaction(given.get("redaction")),
            "max_sensitivity": self.number(given.get("max_sensitivity"), "max_sensitivity", 1, SENSITIVITY_LEVELS),
            "purpose": self.words(given.get("purpose"), "purpose"),
            "legal_basis": self.words(given.get("legal_basis"), "legal_basis"),
            "impact_assessment": self.link(given.get("impact_assessment")),
            "pause_min_minutes": self.pause(given.get("pause_min_minutes")),
            "self_service_hours": self.number(given.get("self_service_hours"), "self_service_hours", 0, MOST_HOURS),
            "lease_ttl_s": self.number(given.get("lease_ttl_s"), "lease_ttl_s", SHORTEST_LEASE_S, LONGEST_LEASE_S),
        }
        if not self.problems and ends <= begins:
            self.wrong("ends", "before_begin")
        return None if self.problems else Policy(1, 0, begins, ends, **parts)

    def mapping(self, given: Any, path: str, names: tuple[str, ...]) -> dict[str, Any]:
        """Exactly these names; all others are refused, and each that is missing is named."""
        if not isinstance(given, dict):
            self.wrong(path, "not_mapping")
            return dict.fromkeys(names)
        for name in given:
            if name not in names:
                self.wrong(f"{path}.{name}" if path else str(name), "unknown", name=str(name)[:60])
        for name in names:
            if name not in given:
                self.wrong(f"{path}.{name}" if path else name, "missing", name=name)
        return given

    def listed(self, given: Any, path: str, few: int) -> list[Any]:
        """A list of `few` to MOST values. What is missing as a whole was named already."""
        if given is None:
            return []
        if not isinstance(given, list):
            self.wrong(path, "not_list")
            return []
        if not few <= len(given) <= MOST:
            self.wrong(path, "too_few" if len(given) < few else "too_many", most=MOST)
            return []
        return given

    def text(self, given: Any, path: str, most: int = SHORT_TEXT) -> str:
        """One text without what would hide or reorder it for those who read and sign it."""
        if given is None:
            return ""
        if not isinstance(given, str):
            self.wrong(path, "not_text")
            return ""
        text = unicodedata.normalize("NFC", given).strip()
        if not text:
            self.wrong(path, "empty")
        elif len(text) > most:
            self.wrong(path, "long", most=most)
        elif any(unicodedata.category(one) in UNSEEN for one in text):
            self.wrong(path, "hidden")
        return text

    def texts(self, given: Any, path: str, few: int = 1) -> tuple[str, ...]:
        """A list of texts, each once."""
        found = [self.text(one, f"{path}.{at}") for at, one in enumerate(self.listed(given, path, few))]
        twice = next((one for one in found if found.count(one) > 1), None)
        if twice:
            self.wrong(path, "twice", name=twice)
        return tuple(found)

    def number(self, given: Any, path: str, least: int, most: int) -> int:
        """A whole number between the two."""
        if given is None:
            return least
        text = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if not _NUMBER.fullmatch(text):
            self.wrong(path, "not_number")
        elif not least <= int(text) <= most:
            self.wrong(path, "out_of_range", least=least, most=most)
        else:
            return int(text)
        return least

    def audience(self, given: Any) -> Audience:
        if given is None:
            return Audience(None, None, None)
        axes = self.mapping(given, "audience", AXES)
        found = [
            None if axes[axis] in (ALL, None) else self.places(axes[axis], f"audience.{axis}")
            for axis in AXES
            if axis in axes
        ]
        return Audience(*found) if len(found) == len(AXES) else Audience(None, None, None)

    def places(self, given: Any, path: str) -> tuple[str, ...]:
        """Names of places, as the directory's are read."""
        if isinstance(given, list):
            given = [" ".join(one.split()) if isinstance(one, str) else one for one in given]
        return self.texts(given, path)

    def contexts(self, given: Any) -> tuple[Context, ...]:
        found = []
        for at, one in enumerate(self.listed(given, "contexts", 1)):
            found.append(self.context(one, f"contexts.{at}"))
        ids = [context.id for context in found]
        for at, name in enumerate(ids):
            if name and name in ids[:at]:
                self.wrong(f"contexts.{at}.id", "twice", name=name)
        return tuple(found)

    def context(self, given: Any, path: str) -> Context:
        parts = self.mapping(given, path, ("id", "name", "apps", "sites"))
        name = self.text(parts.get("id"), f"{path}.id")
        if name and not _ID.fullmatch(name):
            self.wrong(f"{path}.id", "no_id")
        apps, sites = (self.texts(parts.get(part), f"{path}.{part}", few=0) for part in ("apps", "sites"))
        for at, host in enumerate(sites):
            if host and not (_HOST.fullmatch(host) and host == host.lower()):
                self.wrong(f"{path}.sites.{at}", "no_host", name=host)
        if not apps and not sites and isinstance(given, dict):
            self.wrong(f"{path}.apps", "matches_nothing")
        return Context(name, self.text(parts.get("name"), f"{path}.name"), apps, sites)

    def rules(self, given: Any, known: set[str]) -> tuple[Rule, ...]:
        found = [self.rule(one, f"rules.{at}", known) for at, one in enumerate(self.listed(given, "rules", 0))]
        kinds = [rule.kind for rule in found if rule]
        if not self.problems and len(set(kinds)) < len(kinds):
            self.wrong("rules", "kind_twice")
        return tuple(rule for rule in found if rule)

    def rule(self, given: Any, path: str, known: set[str]) -> Rule | None:
        parts = self.mapping(given, path, ("kind", "contexts", "sampling", "interval_s", "retention_days"))
        kind = self.text(parts.get("kind"), f"{path}.kind")
        contexts = self.texts(parts.get("contexts"), f"{path}.contexts")
        for name in contexts:
            if name not in known:
                self.wrong(f"{path}.contexts", "no_context", name=name)
        least = 1 if kind == Kind.SCREENSHOT else 0
        sampling = self.number(parts.get("sampling"), f"{path}.sampling", 1, PERMILLE)
        interval = self.number(parts.get("interval_s"), f"{path}.interval_s", least, DAY_S)
        kept = self.number(parts.get("retention_days"), f"{path}.retention_days", 1, YEARS_KEPT)
        if kind and kind not in set(Kind):
            self.wrong(f"{path}.kind", "no_kind", name=kind)
        return Rule(Kind(kind), contexts, sampling, interval, kept) if kind in set(Kind) else None

    def hours(self, given: Any) -> Hours | None:
        if given in (ANY, None):
            return None
        parts = self.mapping(given, "hours", ("weekdays", "from", "to"))
        days = tuple(
            self.number(one, "hours.weekdays", 1, 7) for one in self.listed(parts.get("weekdays"), "hours.weekdays", 1)
        )
        if len(set(days)) < len(days):
            self.wrong("hours.weekdays", "twice", name=next(str(day) for day in days if days.count(day) > 1))
        starts, ends = (self.minute(parts.get(name), f"hours.{name}") for name in ("from", "to"))
        if not self.problems and starts >= ends:
            self.wrong("hours.to", "hours_order")
            return None
        return Hours(days, starts, ends) if starts < ends else None

    def minute(self, given: Any, path: str) -> int:
        found = _CLOCK.fullmatch(given.strip()) if isinstance(given, str) else None
        minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else MINUTES_PER_DAY + 1  # noqa: PLR2004
        if given is not None and minute > MINUTES_PER_DAY:
            self.wrong(path, "no_clock")
        return min(minute, MINUTES_PER_DAY)

    def redaction(self, given: Any) -> tuple[str, ...]:
        found = self.texts(given, "redaction", few=0)
        for name in found:
            if name and name not in REDACTIONS:
                self.wrong("redaction", "no_redaction", name=name)
        return found

    def words(self, given: Any, path: str) -> Words:
        if given is None:
            return Words("", "")
        parts = self.mapping(given, path, ("en", "de"))
        return Words(*(self.text(parts.get(language), f"{path}.{language}", LONG_TEXT) for language in ("en", "de")))

    def link(self, given: Any) -> str:
        text = self.text(given, "impact_assessment", LONG_TEXT)
        if text and not _LINK.fullmatch(text):
            self.wrong("impact_assessment", "no_link")
        return text

    def pause(self, given: Any) -> int:
        found = self.number(given, "pause_min_minutes", 1, MINUTES_PER_DAY)
        if given is not None and found != PAUSE_MINUTES and not self.problems_at("pause_min_minutes"):
            self.wrong("pause_min_minutes", "pause", minutes=PAUSE_MINUTES)
        return PAUSE_MINUTES

    def problems_at(self, path: str) -> bool:
        return any(problem.path == path for problem in self.problems)

    def begins(self, given: Any) -> int:
        return 0 if given in (AT_ONCE, None) else self.moment(given, "begins")

    def moment(self, given: Any, path: str) -> int:
        """Unix milliseconds of a date and time in UTC."""
        if given is None:
            return 0
        text = given.strip().replace("T", " ") if isinstance(given, str) else ""
        try:
            found = moment_ms(text)
        except ValueError:
            self.wrong(path, "no_moment")
            return 0
        if not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
            self.wrong(path, "no_moment")
        return found
