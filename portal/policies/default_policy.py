"""The policy that ships: modest, for everybody, to be replaced by the one that officer and council negotiate."""

from wire.difference import stated
from wire.documents import Kind
from wire.policy import Audience, Context, Policy, Rule, Words

YEAR_MS = 365 * 86_400_000
MINUTE_MS = 60_000
CONTEXTS = (
    Context("vscode", "Visual Studio Code", ("code", "Code"), ()),
    Context("terminal", "Terminal", ("xterm", "XTerm", "gnome-terminal-server", "konsole"), ()),
    Context("outlook", "Outlook", ("outlook",), ("outlook.office.com",)),
    Context("teams", "Teams", ("teams",), ("teams.microsoft.com",)),
    Context("browser-wiki", "Company wiki", (), ("wiki.daylight.example",)),
    Context("jira", "Issue tracker", (), ("issues.daylight.example",)),
    Context("sheets", "Spreadsheets", ("libreoffice-calc", "soffice"), ("sheets.daylight.example",)),
    Context("chat", "Chat assistant", ("assistant",), ("assistant.daylight.example",)),
)
ALL = tuple(context.id for context in CONTEXTS)
WORK = ("vscode", "terminal", "sheets", "jira", "browser-wiki")


def default_policy(now: int) -> Policy:
    """Version 1, in force from `now` (Unix ms) for a year, to the minute: a draft of it then ends when it does."""
    shipped = Policy(
        version=1,
        issued=now,
        not_before=now,
        expires=now - now % MINUTE_MS + YEAR_MS,
        audience=Audience(None, None, None),
        contexts=CONTEXTS,
        rules=(
            Rule(Kind.POINTER, ALL, 1000, 0, 30),
            Rule(Kind.CLICK, ALL, 1000, 0, 30),
            Rule(Kind.KEY, ALL, 1000, 0, 30),
            Rule(Kind.SCREENSHOT, WORK, 1000, 300, 14),
            Rule(Kind.WINDOW, ALL, 1000, 0, 30),
            Rule(Kind.PROMPT, ("chat",), 1000, 0, 30),
        ),
        exclusions=("bank", "webmail", "health"),
        hours=None,
        redaction=("credentials", "bank", "tax", "health"),
        max_sensitivity=4,
        purpose=Words(
            en="Training the company's internal assistant on everyday office work.",
            de="Training des firmeneigenen Assistenten mit alltäglicher Büroarbeit.",
        ),
        legal_basis=Words(
            en="Works agreement on assistant training, section 4, with Art. 6(1)(f) and Art. 88 GDPR.",
            de="Betriebsvereinbarung Assistententraining, § 4, mit Art. 6 Abs. 1 lit. f und Art. 88 DSGVO.",
        ),
        impact_assessment="https://intranet.daylight.example/dpia/2026-07",
        pause_min_minutes=30,
        self_service_hours=24,
        lease_ttl_s=120,
    )
    return stated(None, shipped)
