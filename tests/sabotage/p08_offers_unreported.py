from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P08",
    breaks="Offers of connections, packages and commands go unreported",
    changes=(Edit("collector/agent.py", old="for offer in offers(message):", new="for offer in offers(message)[:0]:"),),
    red=("tests/collector/test_agent.py::test_P08_an_offer_is_ignored_and_reported_once",),
)
