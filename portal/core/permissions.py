"""Who may do what on the web: one vocabulary, one table. The rights page renders `GRANTS`; the guard reads it.

A permission is the first of three gates. The second is the database login a page runs as, the third row-level security.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

EMPLOYEE: Final = "employee"
LEFT: Final = "left"
EXPERT: Final = "expert"


class Permission(StrEnum):
    """`resource:action`. `own_…` means rows of the signed-in person and nobody else's."""

    OWN_SETTINGS_CHANGE = "own_settings:change"
    OWN_STATE_READ = "own_state:read"
    OWN_DATA_READ = "own_data:read"
    OWN_CONTENT_OPEN = "own_content:open"
    OWN_DATA_DELETE = "own_data:delete"
    OWN_LOOKS_READ = "own_looks:read"
    OWN_PAUSE_CHANGE = "own_pause:change"
    OWN_DEVICE_CHANGE = "own_device:change"
    OWN_REQUEST_READ = "own_request:read"
    OWN_REQUEST_CHANGE = "own_request:change"
    OWN_INCIDENT_RAISE = "own_incident:raise"
    OWN_MISMATCH_DISPUTE = "own_mismatch:dispute"
    POLICY_READ = "policy:read"
    ABOUT_READ = "about:read"
    STATISTICS_READ = "statistics:read"
    PETITION_READ = "petition:read"
    PETITION_CHANGE = "petition:change"
    HR_DESK_READ = "hr_desk:read"
    HR_REQUEST_READ = "hr_request:read"
    HR_REQUEST_CHANGE = "hr_request:change"
    HR_DECISION_CHANGE = "hr_decision:change"
    HR_HOLD_CHANGE = "hr_hold:change"
    HR_ADDRESS_CHANGE = "hr_address:change"
    COUNCIL_DESK_READ = "council_desk:read"
    COUNCIL_POLICY_READ = "council_policy:read"
    COUNCIL_POLICY_DECIDE = "council_policy:decide"
    COUNCIL_STOP_READ = "council_stop:read"
    COUNCIL_STOP_CHANGE = "council_stop:change"
    COUNCIL_PETITION_CHANGE = "council_petition:change"
    COUNCIL_DOCUMENT_CHANGE = "council_document:change"
    COUNCIL_SEAT_CHANGE = "council_seat:change"
    COUNCIL_GROUPING_CHANGE = "council_grouping:change"
    EXPERT_DESK_READ = "expert_desk:read"
    OFFICER_DESK_READ = "officer_desk:read"
    OFFICER_POLICY_READ = "officer_policy:read"
    OFFICER_POLICY_CHANGE = "officer_policy:change"
    OFFICER_POLICY_SIGN = "officer_policy:sign"
    OFFICER_STOP_READ = "officer_stop:read"
    OFFICER_STOP_CHANGE = "officer_stop:change"
    OFFICER_PETITION_CHANGE = "officer_petition:change"
    OFFICER_DOCUMENT_CHANGE = "officer_document:change"
    OFFICER_STORE_CHANGE = "officer_store:change"
    OFFICER_INCIDENT_ANSWER = "officer_incident:answer"
    OFFICER_MISMATCH_ANSWER = "officer_mismatch:answer"


_DESKS: Final = {
    "hr": frozenset(permission for permission in Permission if permission.startswith("hr_")),
    "works_council": frozenset(permission for permission in Permission if permission.startswith("council_")),
    "privacy_officer": frozenset(permission for permission in Permission if permission.startswith("officer_")),
    EXPERT: frozenset({Permission.EXPERT_DESK_READ}),
}
_OWN: Final = frozenset(Permission).difference(*_DESKS.values())

GRANTS: Final[Mapping[str, frozenset[Permission]]] = {
    EMPLOYEE: _OWN,
    LEFT: _OWN - {Permission.OWN_DEVICE_CHANGE, Permission.PETITION_CHANGE},
    **_DESKS,
}
"""Role → permissions. Everybody has `employee`; who has left keeps the own pages as `left`, without devices,
and reads petitions. An expert is no employee.
"""

ROLE_WORDS: Final[Mapping[str, LazyString]] = {
    EMPLOYEE: lazy_gettext("Employee"),
    LEFT: lazy_gettext("Left the company"),
    "hr": lazy_gettext("HR"),
    "works_council": lazy_gettext("Works council"),
    "privacy_officer": lazy_gettext("Privacy officer"),
    EXPERT: lazy_gettext("Expert"),
}


def granted(roles: Collection[str], *, left: bool) -> frozenset[Permission]:
    """Every permission of a person with these roles beside `employee`; who has left has no other role.

    An expert of the works council has the seat in its evidence room and nothing else.
    """
    if EXPERT in roles:
        return GRANTS[EXPERT]
    if left:
        return GRANTS[LEFT]
    return GRANTS[EMPLOYEE].union(*(GRANTS[role] for role in roles))
