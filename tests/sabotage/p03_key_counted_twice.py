from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The same key under a document twice is two keys",
    changes=(
        Edit("wire/dsse.py", old="if not signers or len(set(signers)) != len(signers):", new="if not signers:"),
        Edit(
            "wire/dsse.py",
            old="return Verified(payload, frozenset(signers))",
            new="return Verified(payload, tuple(signers))",
        ),
        Edit(
            "wire/documents.py",
            old="len(self.council(site).keys() & signers)",
            new="sum(one in self.council(site) for one in signers)",
        ),
    ),
    red=(
        "tests/wire/test_councils.py::test_P03_the_same_key_twice_is_one_key",
        "tests/collector/test_councils.py::test_P03_a_server_with_every_online_key_and_other_councils_widens_nothing",
    ),
)
