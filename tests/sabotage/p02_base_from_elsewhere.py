from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="Another site's stricter policy takes the place of the base, with which nothing stands after a restart",
    changes=(
        Edit(
            "collector/store.py",
            old=" and councils.covers(who.trust, sites, who.site)",
            new="",
        ),
    ),
    red=("tests/collector/test_councils.py::test_P02_another_sites_stricter_policy_and_a_restart_are_no_way_back",),
)
