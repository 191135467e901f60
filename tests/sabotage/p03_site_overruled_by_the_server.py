from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A server shows a device the policy for everybody while its own site has a stricter one",
    changes=(
        Edit(
            "wire/policy.py",
            old="return here and now < own.expires and",
            new="return here and now < own.not_before and",
        ),
    ),
    red=(
        "tests/collector/test_closer.py::test_P03_the_policy_for_everybody_is_no_base_past_the_site_s_own",
        "tests/collector/test_closer.py::test_P03_nor_in_two_steps",
    ),
)
