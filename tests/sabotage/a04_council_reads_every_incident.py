from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The works council reads an incident that its person kept for the privacy officer",
    changes=(
        Edit("migrations/versions/20261129_1640_incidents.py", old="WHERE i.council AND i.with", new="WHERE i.with"),
    ),
    red=("tests/incidents/test_incidents.py::test_A04_the_council_reads_words_only_where_it_was_let_and_never_who",),
)
