from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A lease permits devices that it does not name",
    changes=(
        Edit(
            "portal/capture/rules.py",
            old="lease.id != header.lease or header.device not in lease.devices",
            new="lease.id != header.lease",
        ),
    ),
    red=(
        "tests/capture/test_rules.py::test_P06_each_missing_permission_has_its_refusal",
        "tests/gateway/test_admission.py::test_P06_a_pause_of_one_device_leaves_the_other_its_lease",
    ),
)
