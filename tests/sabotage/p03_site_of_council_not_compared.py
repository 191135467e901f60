from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Any council signs for any site",
    changes=(
        Edit(
            "wire/documents.py",
            old="theirs = {key.public_key for key in self.keys if key.site == site}",
            new="theirs = {key.public_key for key in self.keys}",
        ),
    ),
    red=(
        "tests/wire/test_councils.py::test_P03_another_sites_council_one_key_of_two_and_the_central_one_are_refused",
        "tests/wire/test_councils.py::test_P03_a_quorum_ends_only_by_the_quorum",
        "tests/collector/test_councils.py::test_P03_a_server_with_every_online_key_and_other_councils_widens_nothing",
    ),
)
