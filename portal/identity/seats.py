"""On which works councils somebody sits, as the groups of the identity provider say."""

from collections.abc import Iterable

from portal.core.values import AT, COUNCIL, Groups


def seats_of(groups: Iterable[str], role_groups: Groups) -> tuple[str, ...]:
    """The sites with a council on which these groups seat somebody, in order; "" is the central one."""
    held = set(groups)
    giving = (name.partition(AT) for name, named in role_groups.items() if held.intersection(named))
    return tuple(sorted(site for role, _, site in giving if role == COUNCIL))
