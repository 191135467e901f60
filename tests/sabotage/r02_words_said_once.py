from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R02",
    breaks="A word that the server lost is not said again",
    changes=(
        Edit(
            "collector/reporting.py",
            old="(*(envelope for _, envelope in self._unheard.values()), *self._told)",
            new="tuple(self._told)",
        ),
    ),
    red=(
        "tests/collector/test_agent.py::test_R02_a_word_that_the_server_has_not_kept_is_said_again",
        "tests/collector/test_agent.py::test_R02_the_end_of_a_pause_is_said_until_it_is_kept",
    ),
)
