"""Whose certificates are believed by whatever asks another server over TLS."""

import os


def authorities() -> str | bool:
    """For `verify` of requests: the PEM file of SSL_CERT_FILE, which OpenSSL reads elsewhere, else certifi's."""
    return os.environ.get("SSL_CERT_FILE") or True
