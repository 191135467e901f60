from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="The ballot keeps with a token what it was handed in as",
    changes=(
        Edit(
            "ballot/service.py",
            old="            if not _changed(session.execute(_COUNT, values)):\n                day",
            new="            kept = 'UPDATE ballot_issue SET blinded_hash = :nullifier WHERE petition_id = :petition'\n"
            "            session.execute(text(kept), values)\n"
            "            if not _changed(session.execute(_COUNT, values)):\n                day",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A02_issuing_and_handing_in_share_nothing_in_a_whole_dump",),
)
