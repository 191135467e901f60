from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A device with a policy keeps any base the server sends, so that a restart brings an older one back",
    changes=(
        Edit(
            "collector/store.py",
            old='if name == "policy_base" and not (based and bears and "policy" not in refused):',
            new='if name == "never":',
        ),
    ),
    red=("tests/collector/test_trust.py::test_P02_a_base_from_outside_is_no_way_back",),
)
