"""Mails by a real SMTP server: in the open on this machine, with STARTTLS, with TLS; refused, away, claimed twice."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from portal.core import clock, values
from portal.core.config import Settings
from portal.core.db import Database
from portal.notifications.actions import post, post_to
from portal.notifications.jobs import KEPT, MOST_TRIES, forget_mails, mailer, pause_after
from portal.notifications.mails import TEXTS, compose
from portal.worker import run

Superuser = psycopg.Connection[tuple[Any, ...]]
BASE = "https://daylight.example"


@dataclass
class Post:
    """Keeps what arrives; answers `refusal` instead while that is set."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        """A mail has arrived."""
        if self.refusal:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address: other tests' people may have mails waiting, too."""
        return [mail for mail in self.mails if mail["To"] == address]


def free_port() -> int:
    """A port of this machine that nobody listens on: the server's own way to say which it took knows no zero."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def office() -> Iterator[tuple[Post, str]]:
    post_office = Post()
    port = free_port()
    controller = Controller(post_office, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    yield post_office, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture(autouse=True)
def _nothing_waits(superuser: Superuser) -> None:
    """What other tests had to mail does not stand in the way."""
    superuser.execute("DELETE FROM outbox")
    superuser.commit()


@pytest.fixture
def amira(person: Callable[..., UUID]) -> UUID:
    return person("Amira Kaya", email=f"amira-{uuid4()}@daylight.example", locale="en")


def address_of(superuser: Superuser, who: UUID) -> str:
    row = superuser.execute("SELECT email FROM employee WHERE id = %s", [who]).fetchone()
    assert row
    return str(row[0])


def write(database: Database, who: UUID, kind: str = "request_decided", **params: Any) -> str:
    reference = str(uuid4())
    with database.transaction("worker") as session:
        post(session, who, kind, reference, **({"request": str(uuid4()), "number": 18} | params))
    return reference


def state_of(superuser: Superuser, reference: str) -> dict[str, Any]:
    cursor = superuser.execute(
        "SELECT id, tries, sent_at, given_up_at, next_try_at, claimed_until FROM outbox WHERE reference = %s",
        [reference],
    )
    row = cursor.fetchone()
    superuser.rollback()
    assert row
    assert cursor.description
    return dict(zip([column.name for column in cursor.description], row, strict=True))


def sender(settings: Settings, url: str) -> Settings:
    return replace(settings, smtp_url=url, base_url=BASE, mail_from="Daylight <daylight@daylight.example>")


def test_a_mail_leaves_once_with_a_link_and_nothing_else(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID, office: tuple[Post, str]
) -> None:
    box, url = office
    request = str(uuid4())
    reference = write(database, amira, request=request)
    job = mailer(sender(settings, url))
    run(database, job)
    run(database, job)
    [mail] = box.to(address_of(superuser, amira))
    row = state_of(superuser, reference)
    assert mail["Message-ID"] == f"<{row['id']}@daylight.example>"
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Your request 18 is decided", "auto-generated")
    assert mail.get_content_type() == "text/plain"
    assert f"\n{BASE}/requests/{request}\n" in mail.get_content().replace("\r\n", "\n")
    assert (row["tries"], row["given_up_at"], row["claimed_until"]) == (1, None, None)
    assert row["sent_at"]


def test_an_address_without_an_account_gets_it_in_both_languages_once(
    settings: Settings, database: Database, superuser: Superuser, office: tuple[Post, str]
) -> None:
    box, url = office
    address, reference = f"lake-{uuid4()}@daylight.example", str(uuid4())
    params = {"store": "lake", "datasets": "Chat", "hours": 24, "pending": 1, "failed": 0, "partial": 0, "late": 0}
    for _ in range(2):
        with database.transaction("worker") as session:
            post_to(session, address, "store_digest", reference, **params)
    run(database, mailer(sender(settings, url)))
    (mail,) = box.to(address)
    assert mail["Subject"].startswith("Deletions in lake: 1 wait")
    assert "Löschungen in lake" in mail["Subject"]
    assert state_of(superuser, reference)["sent_at"] is not None


def test_the_same_is_posted_once(database: Database, superuser: Superuser, amira: UUID) -> None:
    with database.transaction("worker") as session:
        for _ in range(3):
            post(session, amira, "request_said", f"twice-{amira}", request=str(uuid4()), number=1)
    assert superuser.execute("SELECT count(*) FROM outbox WHERE employee_id = %s", [amira]).fetchone() == (1,)


def test_nothing_leaves_when_the_act_is_rolled_back(database: Database, superuser: Superuser, amira: UUID) -> None:
    with Session(database.engine("worker")) as session:
        post(session, amira, "request_said", "undone", request=str(uuid4()), number=1)
        session.rollback()
    assert superuser.execute("SELECT count(*) FROM outbox WHERE employee_id = %s", [amira]).fetchone() == (0,)


def test_language_of_the_person_or_both(amira: UUID) -> None:
    def mail(locale: str | None) -> EmailMessage:
        params = {"request": "7", "number": 18}
        return compose((amira, "request_decided", params), ("Amira", "a@x.example", locale), "d@x.example", BASE)

    assert mail("de")["Subject"] == "Über Ihren Antrag 18 ist entschieden"
    assert "Guten Tag Amira" in mail("de").get_content()
    assert "Hello" not in mail("de").get_content()
    both = mail(None)
    assert both["Subject"] == "Your request 18 is decided / Über Ihren Antrag 18 ist entschieden"
    assert both.get_content().index("Hello Amira") < both.get_content().index("Guten Tag Amira")


@pytest.mark.parametrize("kind", sorted(TEXTS))
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_mail_can_be_written_and_holds_a_link_unless_it_has_an_ending(kind: str, locale: str) -> None:
    params = {"request": "7", "number": 18, "overdue": 1, "at_risk": 2, "new": 3, "version": 4}
    params |= {"store": "lake", "datasets": "Chat", "hours": 24, "pending": 1, "failed": 2, "partial": 3, "late": 4}
    mail = compose((uuid4(), kind, params), ("Amira", "a@x.example", locale), "d@x.example", BASE)
    assert (BASE in mail.get_content()) is not bool(TEXTS[kind].ending)
    assert "%(" not in mail.as_string()


def test_a_name_cannot_add_a_header(amira: UUID) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose((amira, "request_said", {"request": "7", "number": 1}), ("A", "a@x\r\nBcc: b@x", "en"), "d@x", BASE)


@pytest.mark.parametrize(
    "address", ["a@x.example, b@y.example", "a,b@x.example", "Eve <b@y.example>", "a@x; b@y", "a, b"]
)
def test_one_address_is_one_recipient_or_none(amira: UUID, address: str) -> None:
    with pytest.raises(ValueError, match="as another, or as several"):
        compose((amira, "request_said", {"request": "7", "number": 1}), ("A", address, "en"), "d@x.example", BASE)


@pytest.mark.parametrize("address", ['"a,b"@x.example', "müller@x.example", "o'brien+1@x.example"])
def test_an_odd_address_is_written_to(amira: UUID, address: str) -> None:
    mail = compose((amira, "request_said", {"request": "7", "number": 1}), ("A", address, "en"), "d@x.example", BASE)
    assert [one.addr_spec for one in mail["To"].addresses] == [address]


def test_a_server_that_is_away_is_tried_again_later(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID
) -> None:
    reference = write(database, amira)
    run(database, mailer(sender(settings, "smtp://127.0.0.1:1")))
    row = state_of(superuser, reference)
    assert (row["sent_at"], row["given_up_at"], row["tries"], row["claimed_until"]) == (None, None, 1, None)
    assert row["next_try_at"] > clock.now()


@pytest.mark.parametrize(("answer", "given_up"), [("550 no", True), ("451 later", False)])
def test_refused_for_good_is_given_up_and_for_now_is_not(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID, office: tuple[Post, str],
    answer: str, *, given_up: bool,
) -> None:  # fmt: skip
    box, url = office
    box.refusal = answer
    reference = write(database, amira)
    run(database, mailer(sender(settings, url)))
    row = state_of(superuser, reference)
    assert (row["given_up_at"] is not None, row["sent_at"]) == (given_up, None)


def test_after_the_last_try_it_is_given_up(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID
) -> None:
    reference = write(database, amira)
    superuser.execute("UPDATE outbox SET tries = %s WHERE reference = %s", [MOST_TRIES - 1, reference])
    superuser.commit()
    run(database, mailer(sender(settings, "smtp://127.0.0.1:1")))
    assert state_of(superuser, reference)["given_up_at"]


def test_pauses_double_up_to_six_hours() -> None:
    waits = [pause_after(tries) for tries in range(1, MOST_TRIES + 1)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == timedelta(hours=6)
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=3)


def test_nobody_without_address_is_waited_for(
    settings: Settings, database: Database, superuser: Superuser, person: Callable[..., UUID], office: tuple[Post, str]
) -> None:
    reference = write(database, person("Nobody", email=None))
    run(database, mailer(sender(settings, office[1])))
    assert state_of(superuser, reference)["given_up_at"]


def test_two_workers_send_it_once(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID, office: tuple[Post, str]
) -> None:
    """One claims and is slow, so the other finds nothing; when the claim has run out, that one takes over for good."""
    box, url = office
    one, two = mailer(sender(settings, url)), mailer(sender(settings, url))
    reference = write(database, amira)
    start = clock.now()
    with database.transaction("worker") as session:
        assert one(session, start)
    with database.transaction("worker") as session:
        assert not two(session, start)
    later = start + timedelta(minutes=11)
    for _ in range(2):
        with database.transaction("worker") as session:
            two(session, later)
    with database.transaction("worker") as session:
        one(session, later)
    assert len(box.to(address_of(superuser, amira))) == 1
    assert state_of(superuser, reference)["tries"] == 2


def test_old_mails_are_forgotten(database: Database, superuser: Superuser, amira: UUID) -> None:
    old, fresh = write(database, amira), write(database, amira)
    superuser.execute("UPDATE outbox SET created_at = %s WHERE reference = %s", [clock.now() - KEPT * 1.1, old])
    superuser.commit()
    with database.transaction("worker") as session:
        forget_mails(session, clock.now())
    left = superuser.execute("SELECT reference FROM outbox WHERE employee_id = %s", [amira]).fetchall()
    assert left == [(fresh,)]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context with a certificate that this process trusts, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = tmp_path / "mail.pem", tmp_path / "mail.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context


def _known(_server: object, _session: object, _envelope: object, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"daylight", b"p@ss/word"))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # with smtps all of it is TLS
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_elsewhere_a_mail_leaves_encrypted_and_with_a_password(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID, certificate: ssl.SSLContext, scheme: str
) -> None:
    box, port = Post(), free_port()
    options: dict[str, Any] = {"authenticator": _known, "auth_required": True, "hostname": "127.0.0.1", "port": port}
    if scheme == "smtps":
        options |= {"ssl_context": certificate, "auth_require_tls": False}
    else:
        options |= {"tls_context": certificate, "require_starttls": True}
    controller = Controller(box, ready_timeout=30, **options)
    controller.start()
    try:
        write(database, amira)
        run(database, mailer(sender(settings, f"{scheme}://daylight:p%40ss%2Fword@127.0.0.1:{port}")))
    finally:
        controller.stop()
    assert len(box.to(address_of(superuser, amira))) == 1


def test_a_server_whose_certificate_nobody_knows_gets_nothing(
    settings: Settings, database: Database, superuser: Superuser, amira: UUID, certificate: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("SSL_CERT_FILE")
    box, port = Post(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=30, tls_context=certificate)
    controller.start()
    try:
        reference = write(database, amira)
        run(database, mailer(sender(settings, f"smtp+starttls://127.0.0.1:{port}")))
    finally:
        controller.stop()
    assert box.mails == []
    assert state_of(superuser, reference)["sent_at"] is None


BAD = (
    "http://x",
    "smtp://mail.example.org",
    "smtps://",
    "smtps://u@h",
    "smtps://h:99999",
    "smtps://h/x",
    "smtps://h?a=1",
)


@pytest.mark.parametrize("value", BAD)
def test_a_mail_server_that_would_be_unsafe_or_senseless_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.smtp(value)


@pytest.mark.parametrize("value", ["nobody", "a@b\nBcc: c@d", "a@b, c@d", "@b"])
def test_a_sender_is_one_address(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.sender(value)
