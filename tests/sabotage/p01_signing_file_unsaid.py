from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="Signers are not told that a trust document names another signing file",
    changes=(
        Edit(
            "portal/signing/bundle.py",
            old='return (Line("same" if new == old else "more", text),)',
            new='return (Line("same", text),)',
        ),
        Edit(
            "wire/documents.py",
            old="signing_file: Digest | None = codec.later()",
            new="signing_file: str | None = codec.later()",
        ),
    ),
    red=(
        "tests/signing/test_signing_file.py::test_P01_signers_of_a_trust_document_read_which_file_it_names",
        "tests/signing/test_signing_file.py::test_P01_a_signing_file_is_named_in_one_form_only",
    ),
)
