from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The gateway gives permits for a policy that its table alone knows",
    changes=(
        Edit(
            "gateway/store.py",
            old="kept = tuple(one for one in found if one.hash in agreed or one.base)",
            new="kept = found",
        ),
    ),
    red=(
        "tests/gateway/test_based.py::test_P03_gateway_and_collector_agree",
        "tests/gateway/test_based.py::test_P03_no_permit_for_what_the_table_alone_says",
    ),
)
