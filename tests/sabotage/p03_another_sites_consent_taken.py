from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A device takes what another site consented to",
    changes=(
        Edit("wire/councils.py", old="return sites is None or not _own(trust) or here in sites", new="return True"),
    ),
    red=(
        "tests/wire/test_councils.py::test_P03_a_device_takes_no_other_sites_consent",
        "tests/wire/test_councils.py::test_P03_narrowing_first_opens_no_way_back",
        "tests/collector/test_councils.py::test_P03_a_server_with_every_online_key_and_other_councils_widens_nothing",
    ),
)
