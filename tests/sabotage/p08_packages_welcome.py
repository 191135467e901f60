from tests.sabotage.framework import Edit, Sabotage

STATUS = "opamp.AgentCapabilities.AgentCapabilities_ReportsStatus\n"

SABOTAGE = Sabotage(
    requirement="P08",
    breaks="The agent says that it takes packages",
    changes=(
        Edit(
            "collector/messages.py",
            old=STATUS,
            new=STATUS + "    | opamp.AgentCapabilities.AgentCapabilities_AcceptsPackages\n",
        ),
    ),
    red=("tests/collector/test_agent.py::test_P08_capabilities_do_not_invite_offers",),
)
