"""Which works council decides about whom, and whether it has: pure, asked alike by devices, gateway, portal.

A site with keys of its own in the trust document has its own council, which decides about what is for that site alone.
All else is the central council's: what is for everybody or for several sites, a site without a council of its own,
the trust document itself (compare § 50 (1) BetrVG).
"""

from collections.abc import Collection

from wire import dsse
from wire.documents import Signer, Trust

Sites = Collection[str] | None
"""The sites that a document is for; None: no limit by this."""


def deciding(trust: Trust, sites: Sites) -> str | None:
    """The site whose own council decides about a document for these sites; None: the central one does."""
    named = set(sites or ())
    return named.pop() if len(named) == 1 and named & _own(trust) else None


def quorum(trust: Trust) -> int:
    """How many keys of a council must sign."""
    return trust.quorum or 1


def consents(trust: Trust, sites: Sites, signers: Collection[str]) -> bool:
    """Whether the council that decides is among the signers: ids of keys whose signatures were checked."""
    return trust.enough(signers, deciding(trust, sites))


def both(trust: Trust, sites: Sites, signers: Collection[str]) -> bool:
    """The same, and an officer."""
    return consents(trust, sites, signers) and bool(trust.keys_of(Signer.OFFICER).keys() & signers)


def gathered(trust: Trust, sites: Sites, envelopes: Collection[bytes]) -> bytes:
    """These envelopes of one document as one, with no more signatures than are asked for: an envelope holds few.

    Of one officer, and of so many keys of the council that decides as must sign. Checks no signature.
    """
    signers = {key for envelope in envelopes for key in dsse.signers_of(envelope)}
    officers = sorted(trust.keys_of(Signer.OFFICER).keys() & signers)
    council = sorted(trust.council(deciding(trust, sites)).keys() & signers)
    kept = {*officers[:1], *council[: quorum(trust)]}
    return dsse.joined([dsse.only(envelope, kept) for envelope in envelopes])


def covers(trust: Trust, sites: Sites, here: str | None) -> bool:
    """Whether a device at the site `here` may take more from a document for these sites.

    Once a site has a council of its own, no other site's document counts there; where a device does not know its site,
    none that names sites. So no server can show one site's consent at another.
    """
    return sites is None or not _own(trust) or here in sites


def _own(trust: Trust) -> set[str]:
    return {key.site for key in trust.keys if key.site is not None}
