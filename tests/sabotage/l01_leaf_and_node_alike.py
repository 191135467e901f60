from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L01",
    breaks="An inner node may pass for a leaf",
    changes=(Edit("wire/merkle.py", old=r'b"\x01" + left + right', new=r'b"\x00" + left + right'),),
    red=("tests/wire/test_merkle.py::test_L01_published_roots",),
)
