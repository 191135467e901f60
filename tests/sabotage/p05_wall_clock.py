from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="The lease is measured by the wall clock",
    changes=(
        Edit("collector/clock.py", old="time.clock_gettime_ns(time.CLOCK_BOOTTIME) // MS", new="time.time_ns() // MS"),
    ),
    red=("tests/collector/test_permission.py::test_P05_the_real_boot_clock_does_not_follow_a_faked_wall_clock",),
)
