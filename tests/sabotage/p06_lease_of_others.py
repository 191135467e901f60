from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Another person's lease permits captures",
    changes=(
        Edit(
            "gateway/facts.py",
            old="self.leases.get((item.employee, header.lease))",
            new="next((grant for (_, name), grant in self.leases.items() if name == header.lease), None)",
        ),
    ),
    red=("tests/gateway/test_admission.py::test_P06_a_lease_of_another_person_that_names_this_device",),
)
