from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="The ballot keeps with a token what it was handed in as",
    changes=(
        Edit(
            "ballot/service.py",
            old="            self._box.put(held.key, Mark.VOTE)\n",
            new="            self._box.put(held.key, Mark.VOTE)\n"
            "            kept = 'UPDATE ballot_issue SET blinded_hash = :nullifier WHERE petition_id = :petition'\n"
            "            with self._database.transaction(LOGIN) as other:\n"
            "                other.execute(__import__('sqlalchemy').text(kept), _row(held.key, Mark.VOTE, date.min))\n",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A02_issuing_and_handing_in_share_nothing_in_a_whole_dump",),
)
