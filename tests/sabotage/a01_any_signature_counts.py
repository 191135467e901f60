from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Whatever calls itself a signature verifies",
    changes=(
        Edit(
            "wire/blind.py",
            old="    except InvalidSignature:\n        return False",
            new="    except InvalidSignature:\n        return True",
        ),
    ),
    red=("tests/wire/test_blind.py::test_A01_nothing_else_verifies",),
)
