from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="A window of which nobody knows the process counts as the person's own",
    changes=(
        Edit(
            "collector/desktop_x11.py",
            old="return pid is not None and (PROC / str(pid)).stat().st_uid == os.getuid()",
            new="return pid is None or (PROC / str(pid)).stat().st_uid == os.getuid()",
        ),
    ),
    red=("tests/collector/test_real_input.py::test_P07_a_window_of_another_computer_leaves_nothing",),
)
