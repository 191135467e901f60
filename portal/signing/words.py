"""What `python -m portal sign document` says: the sentences of the signing file (source/words.js), word for word."""

from collections.abc import Mapping
from typing import Final

SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "officer": "privacy officer",
        "council": "works council",
        "lease": "permits of the gateway",
        "vault": "people's keys of the vault",
        "widens": "Wider: it captures more, or changes what people were told. It needs the works council's signature.",
        "narrows": "Narrower: it captures nothing more. The privacy officer's signature is enough.",
        "comparedWith": (
            "Compared with policy %(old)s, which officer and council can find in the portal. This is policy %(new)s."
        ),
        "comparedGap": (
            "Policies %(from)s to %(to)s lie between the two. Make sure that they are for other people, or "
            "were never in force."
        ),
        "first": "This is the first policy for these people: all of it is new.",
        "trustNew": "A new trust document: which keys may sign what.",
        "trustAdds": "New key for %(role)s: %(id)s",
        "trustEnds": "Ends: key for %(role)s: %(id)s",
        "trustStays": "Stays: key for %(role)s: %(id)s",
        "resumed": "Stop %(number)s of %(since)s ends: %(whom)s.",
        "everywhere": "everybody",
        "site": "site %(places)s",
        "department": "department %(places)s",
        "country": "country %(places)s",
        "resume": "Recording starts again after a stop for all.",
        "group": (
            "Proposal %(number)s: from %(starts)s on, a published number stands for %(people)s people at least, "
            "instead of %(replaces)s."
        ),
        "groupWhy": "Reason, for everybody to read: %(reason)s",
        "groupSmaller": "Smaller groups: more is shown about fewer people. It needs the works council's signature.",
        "groupLarger": "Larger groups: less is shown. It needs the works council's signature.",
        "hash": "Hash of what you sign",
        "fingerprint": "Fingerprint of the trust document",
        "notYours": "This key may not sign this document: the trust document does not name it as officer or council.",
    },
    "de": {
        "officer": "Datenschutzstelle",
        "council": "Betriebsrat",
        "lease": "Erlaubnisse des Gateways",
        "vault": "Schlüssel der Leute im Tresor",
        "widens": (
            "Weiter: Es wird mehr erfasst, oder es ändert sich, was den Leuten gesagt wurde. Der "
            "Betriebsrat muss unterschreiben."
        ),
        "narrows": "Enger: Es wird nichts zusätzlich erfasst. Die Unterschrift der Datenschutzstelle genügt.",
        "comparedWith": "Verglichen mit Richtlinie %(old)s, die im Portal zu finden ist. Dies ist Richtlinie %(new)s.",
        "comparedGap": (
            "Dazwischen liegen die Richtlinien %(from)s bis %(to)s. Prüfen Sie, dass sie für andere Leute "
            "gelten oder nie galten."
        ),
        "first": "Das ist die erste Richtlinie für diese Leute: Alles daran ist neu.",
        "trustNew": "Ein neues Vertrauensdokument: welche Schlüssel was unterschreiben dürfen.",
        "trustAdds": "Neuer Schlüssel für %(role)s: %(id)s",
        "trustEnds": "Endet: Schlüssel für %(role)s: %(id)s",
        "trustStays": "Bleibt: Schlüssel für %(role)s: %(id)s",
        "resumed": "Stopp %(number)s vom %(since)s endet: %(whom)s.",
        "everywhere": "alle",
        "site": "Standort %(places)s",
        "department": "Abteilung %(places)s",
        "country": "Land %(places)s",
        "resume": "Nach einem Stopp für alle beginnt die Erfassung wieder.",
        "group": (
            "Vorschlag %(number)s: Ab %(starts)s steht eine veröffentlichte Zahl für mindestens %(people)s Personen "
            "statt %(replaces)s."
        ),
        "groupWhy": "Begründung, für alle zu lesen: %(reason)s",
        "groupSmaller": (
            "Kleinere Gruppen: Es wird mehr über weniger Personen gezeigt. Der Betriebsrat muss unterschreiben."
        ),
        "groupLarger": "Größere Gruppen: Es wird weniger gezeigt. Der Betriebsrat muss unterschreiben.",
        "hash": "Prüfsumme dessen, was Sie unterschreiben",
        "fingerprint": "Fingerabdruck des Vertrauensdokuments",
        "notYours": (
            "Dieser Schlüssel darf dieses Dokument nicht unterschreiben: Das Vertrauensdokument nennt ihn "
            "weder für die Datenschutzstelle noch für den Betriebsrat."
        ),
    },
}
