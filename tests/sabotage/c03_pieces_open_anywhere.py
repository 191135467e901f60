from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C03",
    breaks="A piece of an archive opens in another one's place",
    changes=(
        Edit("vault/exports/sealing.py", old="return self._order + _PLACE.pack(file, part)", new="return self._order"),
    ),
    red=("tests/vault/test_exports.py::test_C03_pieces_do_not_open_in_each_others_place",),
)
