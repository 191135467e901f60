"""Every page a browser can be shown, by name. A new GET address without a line here fails the crawl."""

from tests.browser import pages_council, pages_hr, pages_officer, pages_own

STOP_FILES = ("record_csv", "record_json", "resume_document")
NOT_PAGES = {
    "static": "files",
    "deletion_receipts.receipt_json": "a file to keep",
    "deletion_receipts.receipt_pdf_file": "a file to keep",
    "hr.receipt_json": "a file to keep",
    "hr.receipt_pdf_file": "a file to keep",
    **{f"{desk}_stops.{name}": "a file to keep" for desk in ("officer", "council") for name in STOP_FILES},
    **{f"{desk}_stops.effect": "a part of the page of a stop" for desk in ("officer", "council")},
    **{f"{desk}_rollouts.progress": "a part of the page of a rollout" for desk in ("officer", "council")},
    "directory.scim": "for machines",
    "health.healthz": "for machines",
    "health.metrics": "for machines",
    "health.security_txt": "for machines",
    "identity.sign_in": "leads to the identity provider",
    "home.state": "a part of the first page",
    "policy_desk.yaml_file": "a file to keep",
    "council_policies.bundle": "a file to keep",
    "officer_signing.bundle": "a file to keep",
    "signing.file": "a file to keep, tested in tests/signing",
    "signing.trust_document": "a file to keep",
    "signing.policy": "a file to keep",
    "council.report": "a file to keep",
    "statistics.report": "a file to keep",
    "council.group_document": "a file to keep",
    "expert.report": "a file to keep",
    "petition_writing.similar": "a part of the form of a petition",
    "requests.progress": "a part of the page of a request",
    "delegate_receipts.receipt_json": "a file to keep",
    "delegate_receipts.receipt_pdf_file": "a file to keep",
    "delegates.progress": "a part of the page of a request",
}
PAGES = pages_own.PAGES | pages_hr.PAGES | pages_officer.PAGES | pages_council.PAGES
"""Name → page; each gets screenshots `var/screenshots/<name>-<size>-<theme>.png`, in English."""
