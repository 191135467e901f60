from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The moved pin is not written to disk, so that a restart brings the old keys back",
    changes=(
        Edit(
            "collector/agent.py",
            old="            identity.save(self.state, self.identity, self.permission.moved)\n",
            new="",
        ),
    ),
    red=("tests/collector/test_trust.py::test_P03_the_moved_pin_is_kept_on_disk_and_never_goes_back",),
)
