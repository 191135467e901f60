"""In which capacity a request was sent. Pure."""

from enum import StrEnum


class StartedBy(StrEnum):
    """Who sent it: the person, somebody the person named, HR for somebody who has left, or whom the item shows."""

    PERSON = "person"
    DELEGATE = "delegate"
    HR = "hr"
    BYSTANDER = "bystander"
