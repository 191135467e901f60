from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L02",
    breaks="Checkpoints kept elsewhere are taken and not compared",
    changes=(Edit("portal/audit/verifying.py", old="    for one in kept:", new="    for one in kept[:0]:"),),
    red=(
        "tests/audit/test_verifying.py::test_L02_a_log_cut_off_cleanly_is_found_with_one_old_checkpoint",
        "tests/audit/test_verifying.py::test_L02_even_the_signing_key_does_not_rewrite_what_a_witness_holds",
    ),
)
