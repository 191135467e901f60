from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="The row decides whose a ticket is, not the ticket",
    changes=(Edit("vault/looks.py", old='if row["employee_id"] != person:', new="if not person:"),),
    red=("tests/vault/test_stamps.py::test_C05_a_ticket_made_over_to_another_person_opens_nothing",),
)
