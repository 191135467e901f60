from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R07",
    breaks="A package's version is left open",
    changes=(Edit("requirements.txt", old="\nalembic==", new="\nalembic>="),),
    red=("tests/test_locks.py::test_R07_every_package_has_one_version_and_its_hashes",),
)
