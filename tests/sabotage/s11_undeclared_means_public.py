from tests.sabotage.framework import Edit, Sabotage

ASKED = "if not isinstance(access, Access) or not access.declared:"

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="A route that declares nothing is public",
    changes=(
        Edit(
            "portal/core/web/guard.py",
            old=f"    {ASKED}",
            new=f"    if access is None:\n        return Access()\n    {ASKED}",
        ),
    ),
    red=("tests/web/test_guard.py::test_S11_an_undeclared_route_stops_the_start",),
)
