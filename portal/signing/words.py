"""What `python -m portal sign document` says: the sentences of the signing file (source/words.js), word for word."""

from collections.abc import Mapping
from typing import Final

SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "officer": "privacy officer",
        "council": "works council",
        "lease": "permits of the gateway",
        "vault": "people's keys of the vault",
        "widens": "Wider: it captures more, or changes what people were told.",
        "narrows": "Narrower: it captures nothing more. The privacy officer's signature is enough.",
        "needs": "It needs the works council's signature.",
        "needsKeys": "It needs %(count)s keys of the works council.",
        "needsSite": "It needs the signature of the works council of %(site)s.",
        "needsSiteKeys": "It needs %(count)s keys of the works council of %(site)s.",
        "councilOf": "works council of %(site)s",
        "trustQuorum": "Keys of a works council that must sign together: %(new)s; before: %(old)s.",
        "comparedWith": (
            "Compared with policy %(old)s, which officer and council can find in the portal. This is policy %(new)s."
        ),
        "comparedGap": (
            "Policies %(from)s to %(to)s lie between the two. Make sure that they are for other people, or "
            "were never in force."
        ),
        "first": "No earlier policy is for all of these people: all of it is listed as new.",
        "unproved": (
            "Policy %(old)s, with which the portal compares this one, does not bear the signatures that the trust "
            "document asks for. So nothing is compared here: all of it is listed as new. Ask why before you sign."
        ),
        "trustNew": "A new trust document: which keys may sign what.",
        "trustAdds": "New key for %(role)s: %(id)s",
        "trustEnds": "Ends: key for %(role)s: %(id)s",
        "trustStays": "Stays: key for %(role)s: %(id)s",
        "trustFile": "Signing file, SHA-256: %(file)s",
        "trustNoFile": "No signing file is named any more: nobody could compare theirs.",
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
        "groupSmaller": "Smaller groups: more is shown about fewer people.",
        "groupLarger": "Larger groups: less is shown.",
        "hash": "Hash of what you sign",
        "fingerprint": "Fingerprint of the trust document",
        "signingFile": "SHA-256 of the signing file, by the trust document",
        "noSigningFile": "The trust document names none.",
        "notYours": (
            "This key may not sign this document: the trust document does not name it for the officer or the council "
            "that decides."
        ),
    },
    "de": {
        "officer": "Datenschutzstelle",
        "council": "Betriebsrat",
        "lease": "Erlaubnisse des Gateways",
        "vault": "Schlüssel der Leute im Tresor",
        "widens": ("Weiter: Es wird mehr erfasst, oder es ändert sich, was den Leuten gesagt wurde."),
        "narrows": "Enger: Es wird nichts zusätzlich erfasst. Die Unterschrift der Datenschutzstelle genügt.",
        "needs": "Der Betriebsrat muss unterschreiben.",
        "needsKeys": "%(count)s Schlüssel des Betriebsrats müssen unterschreiben.",
        "needsSite": "Der Betriebsrat von %(site)s muss unterschreiben.",
        "needsSiteKeys": "%(count)s Schlüssel des Betriebsrats von %(site)s müssen unterschreiben.",
        "councilOf": "Betriebsrat von %(site)s",
        "trustQuorum": "Schlüssel eines Betriebsrats, die zusammen unterschreiben müssen: %(new)s; bisher: %(old)s.",
        "comparedWith": "Verglichen mit Richtlinie %(old)s, die im Portal zu finden ist. Dies ist Richtlinie %(new)s.",
        "comparedGap": (
            "Dazwischen liegen die Richtlinien %(from)s bis %(to)s. Prüfen Sie, dass sie für andere Leute "
            "gelten oder nie galten."
        ),
        "first": "Für alle diese Leute zusammen gibt es keine frühere Richtlinie: Alles steht als neu da.",
        "unproved": (
            "Richtlinie %(old)s, mit der das Portal diese vergleicht, trägt nicht die Unterschriften, die das "
            "Vertrauensdokument verlangt. Darum wird hier nichts verglichen: Alles steht als neu da. Fragen Sie nach, "
            "bevor Sie unterschreiben."
        ),
        "trustNew": "Ein neues Vertrauensdokument: welche Schlüssel was unterschreiben dürfen.",
        "trustAdds": "Neuer Schlüssel für %(role)s: %(id)s",
        "trustEnds": "Endet: Schlüssel für %(role)s: %(id)s",
        "trustStays": "Bleibt: Schlüssel für %(role)s: %(id)s",
        "trustFile": "Unterschriftsdatei, SHA-256: %(file)s",
        "trustNoFile": "Eine Unterschriftsdatei wird nicht mehr genannt: Niemand könnte seine vergleichen.",
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
        "groupSmaller": ("Kleinere Gruppen: Es wird mehr über weniger Personen gezeigt."),
        "groupLarger": "Größere Gruppen: Es wird weniger gezeigt.",
        "hash": "Prüfsumme dessen, was Sie unterschreiben",
        "fingerprint": "Fingerabdruck des Vertrauensdokuments",
        "signingFile": "SHA-256 der Unterschriftsdatei, nach dem Vertrauensdokument",
        "noSigningFile": "Das Vertrauensdokument nennt keine.",
        "notYours": (
            "Dieser Schlüssel darf dieses Dokument nicht unterschreiben: Das Vertrauensdokument nennt ihn weder für "
            "die Datenschutzstelle noch für den Betriebsrat, der entscheidet."
        ),
    },
}
