from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S08",
    breaks="A form is answered with a redirect to the identity provider",
    changes=(
        Edit(
            "portal/identity/views.py",
            old="redirect(address, 303) if by_itself else _onward(address)",
            new="redirect(address, 303)",
        ),
    ),
    red=(
        "tests/identity/test_sign_in.py::test_S08_a_form_is_never_redirected_to_the_provider_and_an_address_typed_in_is",
    ),
)
