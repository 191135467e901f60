from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="A hand-in asks the database whether its petition runs",
    changes=(
        Edit(
            "ballot/service.py",
            old="        if petition not in self._petitions:\n",
            new="        self.learn()\n        if petition not in self._petitions:\n",
        ),
    ),
    red=("tests/ballot/test_silence.py::test_A02_the_databases_statistics_do_not_tell_that_somebody_handed_in",),
)
