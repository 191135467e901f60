from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="Who belongs to a cell is looked up anew for each release",
    changes=(
        Edit("portal/releases/actions.py", old="    if found:\n        return found\n", new=""),
        Edit(
            "portal/releases/actions.py",
            old="    session.add_all(found.values())\n",
            new="    for one in found.values():\n        session.merge(one)\n",
        ),
        Edit(
            "portal/releases/actions.py",
            old="    snapshot = _write_panel(session, quarter)\n",
            new="    if not found:\n        snapshot = _write_panel(session, quarter)\n"
            "    snapshot = {person: atom for person, atom in queries.employed(session)}\n",
        ),
    ),
    red=("tests/releases/test_jobs.py::test_A05_who_comes_within_a_quarter_is_not_counted_before_the_next",),
)
