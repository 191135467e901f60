from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The daily check tells the council numbers of ten people, whatever it signed",
    changes=(Edit("portal/reconciliation/actions.py", old="max(ENOUGH, smallest_group(day))", new="ENOUGH"),),
    red=("tests/reconciliation/test_pages.py::test_A04_the_council_reads_of_k_people_and_never_of_fewer_than_ten",),
)
