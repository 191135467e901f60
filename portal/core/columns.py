"""The schema's vocabulary: every column type the models use, with one meaning each."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Identity, LargeBinary, MetaData, SmallInteger, Text, Uuid
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

PERSONAL = "personal: {}"
"""`comment=` of a column with a person's data: what deletes it."""


class Base(DeclarativeBase):
    """All tables; names of constraints follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy, never changed
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        date: Date,
        UUID: Uuid,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(SmallInteger),
        list[dict[str, Any]]: JSONB,
        list[UUID]: ARRAY(Uuid),
        dict[str, Any]: JSONB,
    }


Id = Annotated[UUID, mapped_column(primary_key=True, default=uuid4)]
Person = Annotated[UUID, mapped_column(ForeignKey("employee.id"))]
"""Whose row this is: leads every personal table."""
Number = Annotated[int, mapped_column(Identity(always=True), primary_key=True)]
Small = Annotated[int, mapped_column(SmallInteger)]


def by_value(enum: type[StrEnum], name: str) -> SqlEnum:
    """A text column limited to the values of `enum` by the check constraint `name`."""
    return SqlEnum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [str(member) for member in members],
    )
