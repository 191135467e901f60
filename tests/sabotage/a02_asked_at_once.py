from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="A hand-in looks into the table, and PostgreSQL tells when a table was last looked at",
    changes=(
        Edit(
            "ballot/service.py",
            old="        return self._tokens.get(key) if inside is None else inside\n",
            new="        with self._database.transaction(LOGIN) as session:\n"
            "            return memory.tokens(session).get(key) if inside is None else inside\n",
        ),
    ),
    red=("tests/ballot/test_silence.py::test_A02_the_databases_statistics_do_not_tell_that_somebody_handed_in",),
)
