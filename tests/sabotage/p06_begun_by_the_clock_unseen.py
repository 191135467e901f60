from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What a policy takes away when it begins is told at once only if another one is published then",
    changes=(
        Edit(
            "gateway/hub.py",
            old="                self._announce()\n            except",
            new="                pass\n            except",
        ),
    ),
    red=("tests/gateway/test_opamp.py::test_P06_what_a_policy_takes_away_when_it_begins_is_told_first",),
)
