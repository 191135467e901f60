"""`python -m portal sign`: what the signing file does, in a terminal, on the signer's own machine, without network.

`key` makes a key, `document` shows what would change and signs it, `verify` says who signed, `convert` rewrites a key.
"""

import hashlib
import os
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.signing import bundle, keyfile
from portal.signing.keyfile import HeldKey, KeyFileError
from portal.signing.words import SAID
from wire import codec, councils, documents, dsse, succession
from wire.documents import Signer
from wire.policy import Policy

Readable: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
Writable: Final = click.Path(dir_okay=False, path_type=Path)
MARKS: Final = {"more": "▲", "less": "▼", "same": "●"}


@click.group()
def sign() -> None:
    """Make keys, sign and verify on the signer's own machine. No server, no network."""


@sign.command()
@click.option("--for", "signer", type=click.Choice(["officer", "council"]), required=True, help="For whom it signs.")
@click.option("--name", required=True, help="Your name, as the file shows it.")
@click.option("--out", type=Writable, required=True, help="The key file to write.")
@click.option("--pem", is_flag=True, help="As an encrypted PEM (PKCS #8) instead.")
def key(signer: str, name: str, out: Path, pem: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Make a key, sealed with a passphrase."""
    passphrase = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True)
    if len(passphrase) < keyfile.SHORTEST_PASSPHRASE:
        raise click.ClickException(f"A passphrase has at least {keyfile.SHORTEST_PASSPHRASE} characters.")
    held = HeldKey(Ed25519PrivateKey.generate(), Signer(signer), name)
    _write_private(out, keyfile.written_pem(held, passphrase) if pem else keyfile.written(held, passphrase))
    click.echo(f"The key is in {out}: keep it on your own disk, and a copy in a safe place.")
    click.echo(f"Public key, for the trust document: {dsse.raw_public(held.key).hex()}")


@sign.command()
@click.argument("file", type=Readable)
@click.option("--key", "key_file", type=Readable, required=True, help="Your key file, or an encrypted PEM.")
@click.option("--language", type=click.Choice(["en", "de"]), default="en", help="Of what is shown.")
@click.option("--out", type=Writable, required=True, help="Where the signature goes.")
def document(file: Path, key_file: Path, language: str, out: Path) -> None:
    """Show what FILE, downloaded in the portal, would change; then ask, and sign it."""
    try:
        whole = bundle.read(file.read_text(encoding="utf-8"))
    except (bundle.BundleError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    _show(whole, language)
    held = _opened(key_file)
    if not any(whole.may_hold(signer, held.id) for signer in bundle.HOLDERS):
        raise click.ClickException(SAID[language]["notYours"])
    click.confirm("Have you read it and compared hash and fingerprint? Sign it?", abort=True)
    out.write_bytes(dsse.sign(whole.type, whole.payload, [held.key]))
    click.echo(f"Signed: {out}. Upload it in the portal.")


@sign.command()
@click.argument("envelope", type=Readable)
@click.option("--trust", type=Readable, required=True, help="The trust document, as the portal offers it.")
@click.option("--fingerprint", help="The fingerprint that you know, to be sure of the trust document.")
@click.option("--signing-file", type=Readable, help="Your signing file, to compare with the one that it names.")
def verify(envelope: Path, trust: Path, fingerprint: str | None, signing_file: Path | None) -> None:
    """Say who signed the policy in ENVELOPE, whether its difference is well-formed, and which file signers use."""
    data = trust.read_bytes()
    try:
        known = documents.open_trust(data, fingerprint or documents.fingerprint(data))
        policy, signers = documents.open_signed(Policy, envelope.read_bytes(), succession.holders(known))
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise click.ClickException(f"This does not hold: {error}.") from error
    click.echo(f"Policy {policy.version}, hash {documents.document_hash(policy)}")
    said = {Signer.OFFICER: "privacy officer", Signer.COUNCIL: "works council"}
    for key in known.keys:
        if (one := dsse.key_id(key.public_key)) in signers:
            site = f" of {key.site}" if key.site else ""
            click.echo(f"Signed for the {said[key.signer]}{site} by key {one}")
    if councils.quorum(known) > 1:
        whole = councils.consents(known, policy.audience.sites, signers)
        need = f"{councils.quorum(known)} keys of the council that decides"
        click.echo(f"A wider policy takes {need}: {'they' if whole else 'fewer'} have signed this one.")
    click.echo(f"Trust document {known.version}, fingerprint {documents.fingerprint(data)}")
    click.echo(f"{SAID['en']['signingFile']}: {known.signing_file or SAID['en']['noSigningFile']}")
    if signing_file is not None:
        found = hashlib.sha256(signing_file.read_bytes()).hexdigest()
        if found != known.signing_file:
            raise click.ClickException(f"{signing_file} is another file: its SHA-256 is {found}.")
        click.echo(f"{signing_file} is that file.")


@sign.command()
@click.argument("key_file", type=Readable)
@click.option("--for", "signer", type=click.Choice(["officer", "council"]), help="Needed for a PEM file.")
@click.option("--name", help="Needed for a PEM file.")
@click.option("--out", type=Writable, required=True, help="The file to write.")
def convert(key_file: Path, signer: str | None, name: str | None, out: Path) -> None:
    """Rewrite a key: from a key file to an encrypted PEM, or back. The passphrase stays."""
    passphrase = click.prompt("Passphrase", hide_input=True)
    held = _open(key_file, passphrase)
    if held.signer is not None:
        text = keyfile.written_pem(held, passphrase)
    else:
        if signer is None or name is None:
            raise click.UsageError("A PEM file does not say whose key it is: give --for and --name.")
        text = keyfile.written(HeldKey(held.key, Signer(signer), name), passphrase)
    _write_private(out, text)
    click.echo(f"Written: {out}")


@sign.command()
@click.argument("parts", nargs=-1, type=Readable, required=True)
@click.option("--out", type=Writable, required=True, help="The file with all signatures.")
def join(parts: tuple[Path, ...], out: Path) -> None:
    """Put the signatures of several files over the same document into one."""
    try:
        whole = dsse.joined(part.read_bytes().strip() for part in parts)
    except dsse.SignatureError as error:
        raise click.ClickException(str(error)) from error
    out.write_bytes(whole)
    click.echo(f"Written: {out}")


def _show(whole: bundle.ToSign, language: str) -> None:
    for line in whole.lines(language):
        click.echo(f"{MARKS[line.tone]} {line.text}")
    if compared := whole.compared(language):
        click.echo(compared)
    click.echo(whole.verdict(language))
    click.echo(f"{SAID[language]['hash']}: {hashlib.sha256(whole.payload).hexdigest()}")
    click.echo(f"{SAID[language]['fingerprint']}: {whole.fingerprint}")
    click.echo(f"{SAID[language]['signingFile']}: {whole.trust.signing_file or SAID[language]['noSigningFile']}")


def _opened(path: Path) -> HeldKey:
    return _open(path, click.prompt("Passphrase", hide_input=True))


def _open(path: Path, passphrase: str) -> HeldKey:
    try:
        return keyfile.opened(path.read_text(encoding="utf-8"), passphrase)
    except (KeyFileError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; never over another one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(f"{path} is there already; a key is never written over another.") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
