"""Pairs of policies whose difference is agreed byte for byte: every field, in both directions. Read by the vectors."""

import dataclasses
from typing import Any

from tests.wire.samples import DAY, POLICY
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words
from wire.precedence import Change

Pair = tuple[Policy | None, Policy]


def _with(**fields: Any) -> Policy:
    return dataclasses.replace(POLICY, version=4, issued=POLICY.issued + 1, **fields)


VSCODE, WIKI = POLICY.contexts
KEY, SCREENSHOT = POLICY.rules
MAIL = Context("mail", "Mail {new} <b>", apps=("thunderbird",), sites=("mail.example.com",))

OTHERS: dict[str, Policy] = {
    "audience_more": _with(
        audience=Audience(sites=("berlin", "köln", "wien"), departments=("ops", "dev", "hr"), countries=("de", "at"))
    ),
    "audience_unlimited": _with(audience=Audience(None, None, None)),
    "context_more": _with(contexts=(VSCODE, WIKI, MAIL)),
    "context_wider": _with(
        contexts=(
            dataclasses.replace(VSCODE, name="Editor", apps=("Code", "code", "code-insiders")),
            dataclasses.replace(WIKI, sites=(*WIKI.sites, "wiki.example.org")),
        )
    ),
    "context_order": _with(contexts=(WIKI, VSCODE)),
    "rule_more": _with(
        contexts=(VSCODE, WIKI, MAIL),
        rules=(
            dataclasses.replace(KEY, contexts=("vscode", "mail"), sampling=1000, retention_days=31),
            dataclasses.replace(SCREENSHOT, interval_s=30, retention_days=1),
            Rule(Kind.POINTER, ("wiki", "vscode"), sampling=1, interval_s=0, retention_days=1),
            Rule(Kind.WINDOW, (), sampling=1, interval_s=3600, retention_days=365),
        ),
    ),
    "rules_of_other_kinds": _with(
        rules=(
            Rule(Kind.CLICK, ("wiki",), sampling=10, interval_s=1, retention_days=2),
            Rule(Kind.PROMPT, ("wiki",), sampling=10, interval_s=0, retention_days=2),
        )
    ),
    "exclusions": _with(exclusions=("keepass", "signal")),
    "hours_longer": _with(hours=Hours(weekdays=(6, 1, 2, 3, 4, 5, 7), from_minute=0, to_minute=1440)),
    "hours_none": _with(hours=None),
    "redaction": _with(redaction=("bank", "card", "credentials", "email", "phone", "tax", "union", "own")),
    "numbers": _with(max_sensitivity=4, pause_min_minutes=31, self_service_hours=1, lease_ttl_s=121),
    "words": _with(
        purpose=Words("Anything", "Alles"),
        legal_basis=Words("None", "Keine"),
        impact_assessment="https://dpia.example/8",
    ),
    "one_language": _with(
        purpose=Words(POLICY.purpose.en, "Nur deutsch"), legal_basis=Words("English", POLICY.legal_basis.de)
    ),
    "dates": _with(not_before=POLICY.not_before - DAY, expires=POLICY.expires + DAY),
    "far_dates": _with(expires=2**52),
    "everything": Policy(
        version=9,
        issued=POLICY.issued,
        not_before=POLICY.not_before + 1,
        expires=POLICY.expires - 1,
        audience=Audience(("wien",), None, ("at",)),
        contexts=(MAIL,),
        rules=(Rule(Kind.SCREENSHOT, ("mail",), 1, 90, 1),),
        exclusions=(),
        hours=Hours((7,), 1, 2),
        redaction=(),
        max_sensitivity=1,
        purpose=Words("One", "Eins"),
        legal_basis=Words("Two", "Zwei"),
        impact_assessment="",
        pause_min_minutes=1,
        self_service_hours=0,
        lease_ttl_s=1,
    ),
}
PAIRS: dict[str, Pair] = {
    "first": (None, POLICY),
    "first_for_everyone": (None, dataclasses.replace(OTHERS["audience_unlimited"], hours=None)),
    "nothing": (POLICY, _with()),
    **{name: (POLICY, other) for name, other in OTHERS.items()},
    **{f"{name}_back": (other, POLICY) for name, other in OTHERS.items()},
}


def _of(version: int, audience: Audience, **fields: Any) -> Policy:
    return dataclasses.replace(POLICY, version=version, audience=audience, **fields)


EVERYBODY, BERLIN, DEV = (
    Audience(sites, units, None) for sites, units in ((None, None), (("berlin",), None), (None, ("dev",)))
)
DEV_IN_GERMANY = Audience(None, ("dev",), ("de",))
STRICT = _of(2, BERLIN, rules=(KEY,), max_sensitivity=1, hours=None)
COMING = _of(
    3, EVERYBODY, not_before=POLICY.not_before + DAY, expires=POLICY.expires - DAY, redaction=(*POLICY.redaction, "x")
)
BESIDE: dict[str, Change] = {
    "beside_a_site": Change(_of(1, EVERYBODY), _of(4, DEV_IN_GERMANY), (STRICT,)),
    "beside_two": Change(
        _of(1, EVERYBODY), _of(5, DEV_IN_GERMANY), (STRICT, _of(4, DEV, purpose=Words("Less", "Weniger")))
    ),
    "beside_what_is_to_come": Change(_of(1, EVERYBODY), _of(4, EVERYBODY, max_sensitivity=1), (COMING,)),
    "beside_without_more": Change(_of(1, EVERYBODY), _of(4, BERLIN, max_sensitivity=1), (_of(3, DEV_IN_GERMANY),)),
    "first_for_some": Change(None, _of(4, Audience(("berlin", "paris"), None, ("de",))), (STRICT,)),
    "unlisted": Change(
        _with(
            contexts=(MAIL, dataclasses.replace(WIKI, sites=("*.Example.com.",))),
            rules=(dataclasses.replace(SCREENSHOT, contexts=("mail", "wiki")),),
        ),
        _with(
            contexts=(dataclasses.replace(WIKI, sites=("*.Example.com.",)),),
            rules=(dataclasses.replace(SCREENSHOT, contexts=("wiki",)),),
        ),
    ),
}
"""What goes before several at once."""
