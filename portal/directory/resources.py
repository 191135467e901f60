"""What the directory may tell of a person, and what the portal announces to it: no attribute that nothing here uses."""

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, Final

import scim2_models
from scim2_models import (
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    Context,
    Email,
    Entitlement,
    ETag,
    Filter,
    Im,
    InvalidValueException,
    Manager,
    Mutability,
    Name,
    Patch,
    PhoneNumber,
    Photo,
    ResourceType,
    Returned,
    Role,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    X509Certificate,
)

from wire.places import place_name

MOST: Final = 200
"""Resources a page."""
LONGEST: Final = 255
USER_NAME: Final = "userName"
EXTERNAL_ID: Final = "externalId"


class Address(ComplexAttribute):
    """Where a person works: `locality` is the site, `country` as in ISO 3166, perhaps with a part (`US-CA`)."""

    formatted: Annotated[str | None, Mutability.write_only, Returned.never] = None
    street_address: Annotated[str | None, Mutability.write_only, Returned.never] = None
    locality: str | None = None
    region: Annotated[str | None, Mutability.write_only, Returned.never] = None
    postal_code: Annotated[str | None, Mutability.write_only, Returned.never] = None
    country: str | None = None
    type: str | None = None
    primary: bool | None = None


class User(scim2_models.User[AnyExtension]):
    """A person, by the core schema.

    What nothing here uses is write-only and never returned: known, so that no client stumbles, taken, and forgotten.
    """

    addresses: list[Address] | None = None  # type: ignore[assignment]
    nick_name: Annotated[str | None, Mutability.write_only, Returned.never] = None
    profile_url: Annotated[str | None, Mutability.write_only, Returned.never] = None  # type: ignore[assignment]
    title: Annotated[str | None, Mutability.write_only, Returned.never] = None
    user_type: Annotated[str | None, Mutability.write_only, Returned.never] = None
    preferred_language: Annotated[str | None, Mutability.write_only, Returned.never] = None
    locale: Annotated[str | None, Mutability.write_only, Returned.never] = None
    timezone: Annotated[str | None, Mutability.write_only, Returned.never] = None
    phone_numbers: Annotated[list[PhoneNumber] | None, Mutability.write_only, Returned.never] = None
    ims: Annotated[list[Im] | None, Mutability.write_only, Returned.never] = None
    photos: Annotated[list[Photo] | None, Mutability.write_only, Returned.never] = None
    entitlements: Annotated[list[Entitlement] | None, Mutability.write_only, Returned.never] = None
    roles: Annotated[list[Role] | None, Mutability.write_only, Returned.never] = None
    x509_certificates: Annotated[list[X509Certificate] | None, Mutability.write_only, Returned.never] = None


class EnterpriseUser(scim2_models.EnterpriseUser):
    """Of the enterprise schema the department alone is kept."""

    employee_number: Annotated[str | None, Mutability.write_only, Returned.never] = None
    cost_center: Annotated[str | None, Mutability.write_only, Returned.never] = None
    organization: Annotated[str | None, Mutability.write_only, Returned.never] = None
    division: Annotated[str | None, Mutability.write_only, Returned.never] = None
    manager: Annotated[Manager | None, Mutability.write_only, Returned.never] = None


PERSON: Final = User[EnterpriseUser]
USERS: Final = ResourceType.from_resource(PERSON)
PROVIDER: Final = ScimProvider(
    models=[User, EnterpriseUser],
    resource_types=[USERS],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The token that the portal's administrator gave to the directory.",
                primary=True,
            )
        ],
    ),
    policy=ScimPolicy(
        unknown=ScimPolicy.Unknown.ignore,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    ),
)
"""Attributes of other schemas are taken and forgotten, too: directories send what they have."""


@dataclass(frozen=True)
class Told:
    """What a resource says of an employee. `subject`: the `sub` under which the identity provider knows the person."""

    subject: str
    name: str
    email: str | None
    site: str | None
    department: str | None
    country: str | None
    active: bool


def told(user: Any, subject: str) -> Told:
    """What `user` says; `subject` names the attribute that is the `sub`. Raises InvalidValueException."""
    place, mail = _first(user.addresses) or Address(), _first(user.emails) or Email()
    enterprise = user[EnterpriseUser] or EnterpriseUser()
    user_name = _id(user.user_name, USER_NAME)
    return Told(
        subject=_id(user.external_id, EXTERNAL_ID) if subject == EXTERNAL_ID else user_name,
        name=_name(user),
        email=_text(mail.value, "emails"),
        site=_place(place.locality, "addresses.locality"),
        department=_place(enterprise.department, "department"),
        country=_place((place.country or "").upper(), "addresses.country"),
        active=user.active is not False,
    )


def kept(user: Any) -> dict[str, Any]:
    """What stays of a resource. Raises InvalidValueException where a text cannot be kept."""
    found: dict[str, Any] = user.model_dump(scim_ctx=Context.RESOURCE_CREATION_RESPONSE)
    for ours in ("id", "meta", "groups"):
        found.pop(ours, None)
    check_texts(found)
    return found


def check_texts(value: Any) -> None:
    """Raise InvalidValueException where a text holds what no database takes: NUL, or half a surrogate."""
    if isinstance(value, str):
        if any(letter == "\0" or unicodedata.category(letter) == "Cs" for letter in value):
            raise InvalidValueException(detail="A text holds a character that cannot be kept.")
    elif isinstance(value, dict):
        for one in value.values():
            check_texts(one)
    elif isinstance(value, list):
        for one in value:
            check_texts(one)


def _first(found: list[Any] | None) -> Any:
    """The primary one, else that of work, else the first."""
    ranked = sorted(found or [], key=lambda one: (one.primary is not True, str(one.type or "").lower() != "work"))
    return next(iter(ranked), None)


def _name(user: Any) -> str:
    name = user.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    found = (_text(given, "displayName") for given in (user.display_name, name.formatted, parts))
    return next(filter(None, found), user.user_name)


def _id(value: str | None, attribute: str) -> str:
    if not value or len(value) > LONGEST or not value.isprintable():
        raise InvalidValueException(detail=f"{attribute} has to be text of 1 to {LONGEST} characters on one line.")
    return value


def _place(value: str | None, attribute: str) -> str | None:
    """The name of a place as policies write it; None for nothing."""
    return _text(place_name(value or ""), attribute)


def _text(value: str | None, attribute: str) -> str | None:
    """On one line and without blanks around; None for nothing."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in value or "").split())
    if len(text) > LONGEST:
        raise InvalidValueException(detail=f"{attribute} is longer than {LONGEST} characters.")
    return text or None
