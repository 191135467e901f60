from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="What only claims to be signed decides how few people a number stands for",
    changes=(
        Edit(
            "portal/releases/queries.py",
            old="    return open_agreed(envelope, documents.open_trust(trust, documents.fingerprint(trust)))",
            new="    return documents.read(SmallestGroup, dsse.payload_of(envelope))",
        ),
        Edit(
            "portal/releases/queries.py", old="from wire import documents\n", new="from wire import documents, dsse\n"
        ),
    ),
    red=("tests/releases/test_grouping.py::test_A04_a_number_that_the_council_did_not_sign_is_not_used",),
)
