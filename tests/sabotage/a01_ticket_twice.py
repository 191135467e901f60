from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="One token that was given up lets two people sign with their names beside their tokens",
    changes=(
        Edit(
            "ballot/service.py",
            old="            if self._mark(key) is not None:\n",
            new="            if False:\n",
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_a_ticket_is_good_once_and_for_its_petition",),
)
