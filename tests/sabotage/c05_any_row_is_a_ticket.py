from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A ticket that somebody put into the database opens, whoever made it",
    changes=(Edit("vault/stamps.py", old="if not hmac.compare_digest(mac, self._mac(said)):", new="if not raw:"),),
    red=("tests/vault/test_stamps.py::test_C05_a_session_and_a_ticket_put_into_the_database_open_nothing",),
)
