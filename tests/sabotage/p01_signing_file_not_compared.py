from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A server that offers another signing file than the trust document names alarms nobody",
    changes=(
        Edit(
            "portal/watch/queries.py",
            old="known.signing_file not in {None, build.sha256()}",
            new="known.signing_file is None",
        ),
        Edit(
            "templates/deciding/_signing_file.html",
            old="{% macro warned(file) -%}\n{% if file.named and file.named != file.offered %}",
            new="{% macro warned(file) -%}\n{% if file.named and file.named != file.named %}",
        ),
    ),
    red=("tests/deciding/test_signing_file.py::test_P01_another_file_than_that_of_the_trust_document_is_red",),
)
