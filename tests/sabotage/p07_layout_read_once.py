from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="Keys are translated with the layout of the collector's start, so that redaction does not know them",
    changes=(
        Edit(
            "collector/probes/keys_x11.py",
            old="        self._follow()\n",
            new="",
        ),
    ),
    red=("tests/collector/test_keyboards.py::test_P07_a_card_number_after_a_change_of_layout_is_redacted",),
)
