"""What a policy of the central council permits at a site beyond what the site's own works council has permitted: pure.

The central council may (§ 50 (1) BetrVG), and devices take it. It is only never silent. See decision 60.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wire import councils
from wire.difference import Effect, Line, lines
from wire.documents import Trust
from wire.policy import Audience, Policy, widens
from wire.precedence import specific


@dataclass(frozen=True)
class Beyond:
    """What it asks for more at one site. `own`: the newest policy for that whole site, none where there was none.

    `until`: how long that one goes on holding there, Unix ms; None where it does not. `first`: where both hold, this
    one goes before it, for those whom it names by more of its axes.
    """

    site: str
    own: Policy | None
    lines: tuple[Line, ...]
    until: int | None
    first: bool


def beyond(policy: Policy, published: Iterable[Policy], trust: Trust) -> list[Beyond]:
    """By site with a council of its own, in order; none where such a council decides about the policy itself."""
    sites = policy.audience.sites
    if not policy.rules or councils.deciding(trust, sites) is not None:
        return []
    seated = {key.site for key in trust.keys if key.site is not None}
    older = [one for one in published if one.version < policy.version]
    found = (_at(site, policy, older) for site in sorted(seated) if sites is None or site in sites)
    return [one for one in found if one is not None]


def _at(site: str, policy: Policy, older: Iterable[Policy]) -> Beyond | None:
    whole = Audience((site,), None, None)
    own = max((one for one in older if one.audience == whole), key=lambda one: one.version, default=None)
    # Whom and from when is not what the site's council was asked: of this policy it was asked nothing.
    begins = max(policy.not_before, own.not_before) if own else policy.not_before
    here = replace(policy, audience=whole, not_before=begins)
    if not widens(own, here):
        return None
    more = tuple(line for line in lines(own, here) if line.effect is Effect.MORE and line.code != "first")
    holds = own is not None and own.expires > policy.not_before
    first = holds and specific(policy.audience) > specific(whole)
    return Beyond(site, own, more, own.expires if own and holds else None, first)
