from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="One key of a council is enough for devices",
    changes=(Edit("wire/documents.py", old=">= (self.quorum or 1)", new=">= 1"),),
    red=(
        "tests/wire/test_councils.py::test_P03_another_sites_council_one_key_of_two_and_the_central_one_are_refused",
        "tests/wire/test_councils.py::test_P03_a_quorum_ends_only_by_the_quorum",
        "tests/collector/test_councils.py::test_P03_a_server_with_every_online_key_and_other_councils_widens_nothing",
        "tests/gateway/test_based.py::test_P03_no_permit_for_what_the_table_alone_says",
    ),
)
