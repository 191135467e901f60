"""The people of the directory in the database: what scim2-server asks of a storage.

An entry leads to an employee: one whom the identity provider signed in already, or a new one. The employee takes over
name, address and place; `active: false`, or a deletion, means that the person has left. Their data stays theirs.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from scim2_models import (
    InvalidFilterException,
    Meta,
    MutabilityException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import ScimStorage, SearchPage
from sqlalchemy import ColumnElement, Select, Text, delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.directory.models import DirectoryEntry
from portal.directory.resources import PERSON, USERS, Told, check_texts, kept, told
from portal.identity.models import Employee

TAKEN: Final = "Somebody else has this userName, or this `sub`."
SAME: Final = "The `sub` of an entry never changes: delete it, and make another for the other account."
LONGEST_FILTER: Final = 2_000
LAST: Final = 2**31 - 1
SEAT: Final = "This account has a seat of the works council's expert; it is nobody's who works here."


class Directory(ScimStorage):
    """In the caller's transaction. `issuer`: the identity provider; `subject`: which attribute is its `sub`."""

    def __init__(self, session: Session, issuer: str, subject: str, now: datetime) -> None:
        self._session, self._issuer, self._subject, self._now = session, issuer, subject, now

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - all of it is at hand
    ) -> Resource[Any]:
        """The person. Raises NotFoundException."""
        return _resource(self._entry(resource_type, resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002 - there are no cursors
    ) -> SearchPage:
        """A page of people, oldest entry first. Only a comparison of one identifier is quick."""
        if not any(one.name == USERS.name for one in resource_types):
            return SearchPage(0, [])
        first, most = min(search_request.start_index_0 or 0, LAST), search_request.count
        if len(str(search_request.filter or "")) > LONGEST_FILTER:
            raise InvalidFilterException(detail=f"The filter is longer than {LONGEST_FILTER} characters.")
        where = _condition(search_request.filter)
        if where is not None:
            total = self._session.execute(select(func.count()).select_from(DirectoryEntry).where(where)).scalar_one()
            page = self._session.execute(_ordered().where(where).offset(first).limit(most)).scalars()
            return SearchPage(total, [_resource(entry) for entry in page])
        found = list(self._matching(search_request.filter))
        return SearchPage(len(found), found[first : None if most is None else first + most])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:  # noqa: ARG002 - one type
        """Take a person in. Raises UniquenessException and InvalidValueException."""
        stays, says = kept(resource), told(resource, self._subject)
        self._require_no_seat(says)
        employee = self._employee(says)
        written = self._session.execute(
            insert(DirectoryEntry)
            .values(
                employee_id=employee,
                user_name=stays["userName"],
                external_id=stays.get("externalId"),
                resource=stays,
                created_at=self._now,
                changed_at=self._now,
            )
            .on_conflict_do_nothing()
            .returning(DirectoryEntry)
        ).scalar_one_or_none()
        if written is None:
            raise UniquenessException(detail=TAKEN)
        self._move(employee, says)
        return _resource(written)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Take over what changed; never whose account it is.

        Raises the exceptions of `get` and `create`, MutabilityException and PreconditionFailedException.
        """
        entry = self._entry(resource_type, str(resource.id), expected_version)
        stays, says = kept(resource), told(resource, self._subject)
        self._require_no_seat(says)
        if says.subject != self._session.execute(select(Employee.subject).filter_by(id=entry.employee_id)).scalar_one():
            raise MutabilityException(detail=SAME)
        entry.user_name, entry.external_id, entry.resource = stays["userName"], stays.get("externalId"), stays
        entry.version, entry.changed_at = entry.version + 1, self._now
        try:
            self._session.flush()
            self._move(entry.employee_id, says)
        except IntegrityError as error:
            raise UniquenessException(detail=TAKEN) from error
        return _resource(entry)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """The person has left. Raises NotFoundException and PreconditionFailedException."""
        entry = self._entry(resource_type, resource_id, expected_version)
        self._session.execute(
            update(Employee)
            .where(Employee.id == entry.employee_id, Employee.left_at.is_(None))
            .values(left_at=self._now)
        )
        self._session.execute(delete(DirectoryEntry).where(DirectoryEntry.employee_id == entry.employee_id))

    def _entry(self, resource_type: ResourceType, name: str, version: str | None = None) -> DirectoryEntry:
        missing = NotFoundException(detail=f"{resource_type.name} {name!r} is not here.")
        try:
            employee = UUID(name)
        except ValueError:
            raise missing from None
        entry = self._session.get(DirectoryEntry, employee, with_for_update=True)
        if entry is None:
            raise missing
        if version is not None and version != _tag(entry):
            raise PreconditionFailedException
        return entry

    def _require_no_seat(self, says: Told) -> None:
        if self._session.execute(select(func.seat_named(says.subject, says.email))).scalar_one():
            raise UniquenessException(detail=SEAT)

    def _employee(self, says: Told) -> UUID:
        """Whose `sub` this is; somebody unknown so far is new."""
        who = {"issuer": self._issuer, "subject": says.subject}
        new = insert(Employee).values(id=uuid4(), name=says.name, **who)
        self._session.execute(new.on_conflict_do_nothing(index_elements=["issuer", "subject"]))
        return self._session.execute(select(Employee.id).filter_by(**who).with_for_update()).scalar_one()

    def _move(self, employee: UUID, says: Told) -> None:
        """Write into the employee's row what the directory says; who comes back has not left any more.

        A mail address finds people's rows in other stores. Where somebody else has it or had it, nobody looks there
        until HR has said whose it is.
        """
        values: dict[str, Any] = {
            "name": says.name,
            "email": func.coalesce(literal(says.email, Text), Employee.email),
            "site": says.site,
            "department": says.department,
            "country": says.country,
            "left_at": None if says.active else func.coalesce(Employee.left_at, self._now),
        }
        self._session.execute(update(Employee).where(Employee.id == employee).values(values))

    def _matching(self, wanted: ScimFilter[Any] | None) -> Iterator[Resource[Any]]:
        for entry in self._session.execute(_ordered().execution_options(yield_per=500)).scalars():
            resource = _resource(entry)
            if wanted is None or wanted.match(resource):
                yield resource


def _ordered() -> Select[DirectoryEntry]:
    return select(DirectoryEntry).order_by(DirectoryEntry.created_at, DirectoryEntry.employee_id)


def _condition(wanted: ScimFilter[Any] | None) -> ColumnElement[bool] | None:
    """The filter for the database, where there is none, or where it compares one identifier with `eq`."""
    if wanted is None:
        return true()
    node = wanted.ast
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return None
    check_texts(node.value)
    binding = wanted.resolve_comparison(node.attr_path, strict=False)
    match binding.field_name if binding is not None and binding.sub_field_name is None else None:
        case "user_name":
            return func.lower(DirectoryEntry.user_name) == func.lower(node.value)
        case "external_id":
            return DirectoryEntry.external_id == node.value
        case _:
            return None


def _tag(entry: DirectoryEntry) -> str:
    return f'W/"{entry.version}"'


def _resource(entry: DirectoryEntry) -> Resource[Any]:
    found = PERSON.model_validate(entry.resource)
    found.id = str(entry.employee_id)
    found.meta = Meta(
        resource_type=USERS.name, created=entry.created_at, last_modified=entry.changed_at, version=_tag(entry)
    )
    return found
