from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="One ID token gives any number of tickets",
    changes=(Edit("vault/tickets.py", old="        self._tokens.take(id_token, now)\n", new=""),),
    red=("tests/vault/test_tokens.py::test_C05_a_token_gives_one_ticket",),
)
