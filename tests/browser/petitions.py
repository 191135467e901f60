"""A petition in each state that a page can show, with a few names."""

from uuid import UUID

from portal.core import clock
from tests.browser.people import Someone
from tests.cast import make_person
from tests.petitions.arrange import DAY, key_of, petition, today

REACHED = {"employees": 180, "counted_on": today(), "council_on": today() - 9 * DAY, "council_due": today() + 52 * DAY}
ASKED = {"employer_on": today() - 20 * DAY, "answer_due": today() - 6 * DAY, "unnamed": 31}
SAID = {
    "discussed_on": today() - 3 * DAY, "answered_on": today() - DAY, "answered_by": "Rosa Brandt, managing director",
    "minutes": "We talked about it for an hour.", "result": "We ask for an end.", "answer": "Agreed, from June on.",
}  # fmt: skip


def arrange(amira: Someone, ben: Someone) -> dict[str, UUID]:
    """State → petition, and "draft"."""
    superuser = amira.installed.superuser
    made = {
        "open": petition(superuser, employees=180, counted_on=today()),
        "threshold": petition(superuser, "threshold", title="A quieter office on two days a week", **REACHED),
        "awaiting": petition(superuser, "awaiting", title="No prompts of private chats", **REACHED, **ASKED),
        "answered": petition(superuser, "answered", title="Say what models were trained", **REACHED, **ASKED, **SAID),
        "rejected": petition(superuser, "rejected", reason="duplicate", reason_words="Another one demands the same."),
        "support": petition(superuser, "support", title="Longer breaks after nights on call"),
    }
    others = [make_person(superuser, f"Signer{number} Nachtigall-Weber") for number in range(3)]
    for name in ("open", "awaiting"):
        for one in (amira.id, ben.id, *others):
            superuser.execute("INSERT INTO petition_signature VALUES (%s, %s, %s)", [one, made[name], today()])
    superuser.execute("INSERT INTO petition_author VALUES (%s, %s)", [amira.id, made["open"]])
    superuser.execute(
        "INSERT INTO petition_event (petition_id, kind, on_day) VALUES (%s, 'threshold', %s), (%s, 'employer', %s)",
        [made["awaiting"], today() - 9 * DAY, made["awaiting"], today() - 20 * DAY],
    )
    superuser.commit()
    for name in ("open", "threshold", "awaiting", "answered", "support"):
        key_of(superuser, made[name])
    draft = amira.insert(
        "petition_draft", title="", demand="Something.", reasons="", answerer="employer", changed_at=clock.now()
    )  # fmt: skip
    return made | {"draft": draft}
