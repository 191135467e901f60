"""The file from which officer and council sign: what to sign, what is in force, the trust document. See bundle.js."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.signing.words import SAID
from wire import canonical, codec, councils, difference, documents, dsse, succession
from wire.documents import Signer, Trust
from wire.grouping import SmallestGroup
from wire.policy import Policy, widens
from wire.precedence import Change
from wire.sentences import moment
from wire.stopping import Resume

FORMAT: Final = "daylight-to-sign-1"
SHORT: Final = 16
_FIELDS: Final = frozenset({"format", "old", "payload", "trust", "type"})
_LATER: Final = frozenset({"bases", "beside"})
"""Left out where they are empty: envelopes of policies, see `written`."""
HOLDERS: Final = (Signer.OFFICER, Signer.COUNCIL)


class BundleError(ValueError):
    """The file is not one to sign from; the message is a sentence for the signer."""


@dataclass(frozen=True)
class Line:
    """One thing that the document changes. `tone`: more, less or same."""

    tone: str
    text: str


@dataclass(frozen=True)
class ToSign:
    """A document to sign, checked. `old`: the policy it replaces; `new`: the document itself, read.

    `beside`: what a policy goes before besides, see wire.precedence. `proved`: whether officer and council stand behind
    the old one as devices ask for. Where they do not, nothing is compared with it.
    """

    type: str
    payload: bytes
    trust: Trust
    fingerprint: str
    old: Policy | None
    new: Any
    beside: tuple[Policy, ...] = ()
    proved: bool = True

    def wider(self) -> bool:
        """Whether the council has to sign a policy. Other documents always need it."""
        return not isinstance(self.new, Policy) or Change(self._base, self.new, self.beside).wider

    @property
    def _base(self) -> Policy | None:
        return self.old if self.proved else None

    def lines(self, language: str) -> tuple[Line, ...]:
        """What it changes, in words."""
        if isinstance(self.new, Policy):
            found = difference.lines(self._base, self.new, self.beside)
            # That there was none before is not known where the one before is not believed.
            told = found if self.proved else found[1:]
            return tuple(Line(str(one.effect), difference.text(one, language)) for one in told)
        said = SAID[language]
        if isinstance(self.new, Trust):
            return _trust_lines(self.trust, self.new, said)
        if isinstance(self.new, SmallestGroup):
            return _group_lines(self.new, said)
        return (_resume_line(self.new, said),)

    def verdict(self, language: str) -> str:
        """What it comes to, in a sentence."""
        said = SAID[language]
        if isinstance(self.new, Policy) and not self.wider():
            return said["narrows"]
        return f"{said[self._word()]} {self._asked(said)}"

    def _word(self) -> str:
        if isinstance(self.new, SmallestGroup):
            return "groupSmaller" if self.new.people < self.new.replaces else "groupLarger"
        return {Policy: "widens", Trust: "trustNew", Resume: "resume"}[type(self.new)]

    def _asked(self, said: Mapping[str, str]) -> str:
        """Which council has to sign, and with how many keys."""
        site, count = councils.deciding(self.trust, self.sites), councils.quorum(self.trust)
        name = ("needs" if site is None else "needsSite") + ("Keys" if count > 1 else "")
        return said[name] % {"site": site, "count": count}

    @property
    def sites(self) -> tuple[str, ...] | None:
        """The sites that the document is for; None: no limit by this."""
        if isinstance(self.new, Policy):
            return self.new.audience.sites
        return self.new.sites if isinstance(self.new, Resume) else None

    def compared(self, language: str) -> str:
        """With what a policy was compared; '' for other documents."""
        if not isinstance(self.new, Policy):
            return ""
        said, new = SAID[language], self.new.version
        if self.old is None:
            return said["first"]
        old = self.old.version
        if not self.proved:
            return said["unproved"] % {"old": old}
        gap = f" {said['comparedGap'] % {'from': old + 1, 'to': new - 1}}" if new - old > 1 else ""
        return said["comparedWith"] % {"old": old, "new": new} + gap

    def may_hold(self, signer: Signer, key_id: str) -> bool:
        """Whether the trust document lets this key sign; a new one may also be signed by the keys it brings.

        Of councils the one that decides; the smallest group is the works council's alone.
        """
        if isinstance(self.new, SmallestGroup) and signer is not Signer.COUNCIL:
            return False
        trusts = (self.trust, self.new) if isinstance(self.new, Trust) else (self.trust,)
        if signer is Signer.COUNCIL:
            return any(key_id in trust.council(councils.deciding(trust, self.sites)) for trust in trusts)
        return any(key_id in trust.keys_of(signer) for trust in trusts)


def written(payload_type: str, payload: bytes, old: str | None, trust: str, **later: Sequence[str]) -> str:
    """The text of the file. `old`: envelope of the policy it replaces; `trust`: envelope in force.

    `beside`: envelopes of the others that it goes before; `bases`: of policies of which the old one is a part.
    """
    whole: dict[str, Any] = {name: list(envelopes) for name, envelopes in later.items() if envelopes}
    whole |= {"format": FORMAT, "type": payload_type, "payload": payload.decode(), "old": old, "trust": trust}
    return canonical.encode(whole).decode()


def read(text: str) -> ToSign:
    """What the file holds. Nothing in it is believed unchecked. Raises BundleError."""
    try:
        given = canonical.decode(text.strip().encode())
        if not isinstance(given, dict) or given.keys() - _LATER != _FIELDS or given["format"] != FORMAT:
            raise BundleError("This is not a file to sign from.")
        return _checked(given)
    except (canonical.CanonicalError, codec.DocumentError, dsse.SignatureError, AttributeError) as error:
        raise BundleError(f"This file cannot be signed: {error}.") from error


def _checked(given: dict[str, Any]) -> ToSign:
    envelope, payload = given["trust"].encode(), given["payload"].encode()
    fingerprint = documents.fingerprint(envelope)
    trust = documents.open_trust(envelope, fingerprint)
    whole = ToSign(given["type"], payload, trust, fingerprint, None, None)
    if whole.type == Policy.TYPE:
        bases, beside = (_envelopes(given.get(name, [])) for name in ("bases", "beside"))
        return _policy(replace(whole, new=documents.read(Policy, payload)), given["old"], bases, beside)
    return replace(whole, new=_other(whole.type, payload, trust))


def _envelopes(given: Any) -> list[bytes]:
    if not isinstance(given, list):
        raise BundleError("This is not a file to sign from.")
    return [one.encode() for one in given]


def _other(payload_type: str, payload: bytes, trust: Trust) -> Any:
    if payload_type == Trust.TYPE:
        following = documents.read(Trust, payload)
        if following.version != trust.version + 1:
            raise BundleError("This is not the trust document after the one in force.")
        return following
    if payload_type == Resume.TYPE:
        return documents.read(Resume, payload)
    if payload_type == SmallestGroup.TYPE:
        return documents.read(SmallestGroup, payload)
    raise BundleError("This type of document is not signed by officer and council.")


def _policy(whole: ToSign, envelope: str | None, bases: Sequence[bytes], beside: Sequence[bytes]) -> ToSign:
    """With what it is compared. What is beside needs no signature: it only ever adds what is more."""
    old, proved = (None, True) if envelope is None else _old(envelope.encode(), bases, whole.trust)
    if old is not None and old.version >= whole.new.version:
        raise BundleError("This policy is older than the one with which it is compared.")
    others = tuple(_read(one) for one in beside)
    if whole.new.difference != difference.digest(old, whole.new, others):
        raise BundleError("The document names another difference from the one that it makes.")
    return replace(whole, old=old, beside=others, proved=proved)


def _old(envelope: bytes, bases: Sequence[bytes], trust: Trust) -> tuple[Policy, bool]:
    """The policy with which it is compared, and whether as many keys stand behind it as the trust document asks for.

    It is signed by officer and council, or by the officer alone, and by both an earlier one of which it is a part.
    Where a council signed with fewer keys, as before the trust document asked for more, it is read all the same.
    """
    old, signers = documents.open_signed(Policy, envelope, succession.holders(trust))
    if not signers & trust.keys_of(Signer.OFFICER).keys():
        raise BundleError("No officer signed the policy with which this one is compared.")
    behind = [(old, signers)]
    for one in bases:
        base, both = documents.open_signed(Policy, one, succession.holders(trust))
        if base.version < old.version and not widens(base, old):
            behind.append((base, both))
    if not any(keys & trust.keys_of(Signer.COUNCIL).keys() for _, keys in behind):
        raise BundleError("No works council stands behind the policy with which this one is compared.")
    return old, any(councils.both(trust, one.audience.sites, keys) for one, keys in behind)


def _read(envelope: bytes) -> Policy:
    return documents.read(Policy, dsse.payload_of(envelope))


def _trust_lines(old: Trust, new: Trust, said: Mapping[str, str]) -> tuple[Line, ...]:
    """Keys that come, go and stay. A council's key that goes to another site ends here and is new there."""
    lines = []
    sites = dict.fromkeys((None, *(key.site for trust in (old, new) for key in trust.keys if key.site)))
    holders = [(one, site) for one in Signer for site in (sites if one is Signer.COUNCIL else (None,))]
    for signer, site in holders:
        role = said[signer] if site is None else said["councilOf"] % {"site": site}
        before, after = (_held(trust, signer, site) for trust in (old, new))
        for tone, word, ids in (
            ("more", "trustAdds", [one for one in after if one not in before]),
            ("less", "trustEnds", [one for one in before if one not in after]),
            ("same", "trustStays", [one for one in after if one in before]),
        ):
            lines += [Line(tone, said[word] % {"role": role, "id": one[:SHORT]}) for one in ids]
    was, now = councils.quorum(old), councils.quorum(new)
    if was > 1 or now > 1:
        tone = "more" if now < was else "less" if now > was else "same"
        lines.append(Line(tone, said["trustQuorum"] % {"old": was, "new": now}))
    return (*lines, *_file_line(old.signing_file, new.signing_file, said))


def _file_line(old: str | None, new: str | None, said: Mapping[str, str]) -> tuple[Line, ...]:
    if old is None and new is None:
        return ()
    text = said["trustNoFile"] if new is None else said["trustFile"] % {"file": new}
    return (Line("same" if new == old else "more", text),)


def _held(trust: Trust, signer: Signer, site: str | None) -> list[str]:
    return list(trust.council(site) if signer is Signer.COUNCIL else trust.keys_of(signer))


def _group_lines(group: SmallestGroup, said: Mapping[str, str]) -> tuple[Line, ...]:
    told = {"people": group.people, "replaces": group.replaces, "starts": group.starts, "number": group.number}
    tone = "more" if group.people < group.replaces else "less"
    return Line(tone, said["group"] % told), Line("same", said["groupWhy"] % {"reason": group.reason})


def _resume_line(resume: Resume, said: Mapping[str, str]) -> Line:
    axes = (("site", resume.sites), ("department", resume.departments), ("country", resume.countries))
    named = (said[axis] % {"places": ", ".join(places)} for axis, places in axes if places is not None)
    whom = "; ".join(named) or said["everywhere"]
    told = {"number": resume.number, "since": moment(resume.stopped), "whom": whom}
    return Line("more", said["resumed"] % told)
