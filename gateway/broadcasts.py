"""What is told in the same bytes to everybody whom it concerns: chosen from what is in memory, nobody is read anew.

A device drops its lease with it and captures nothing until the next one: that follows for each person on their own.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from uuid import UUID

from gateway.opamp import reply
from gateway.people import Order, Person
from gateway.permits import Published
from gateway.stops import Halt
from gateway.store import Organisation
from portal.policies.rules import holding
from wire import opamp
from wire.policy import widens

Files = tuple[tuple[str, bytes], ...]
Told = Iterator[tuple[UUID, Person, Order]]
"""Employee, what is known of them, and what their devices get."""


def of_stops(people: Iterable[Person], begun: Iterable[Halt]) -> Told:
    """Those whom one of these stops for all concerns, who are halted from now on, and what their devices get."""
    order = cache(_order)
    for person in people:
        if person.facts is None:
            continue
        files = {halt.name: halt.envelope for halt in begun if halt.concerns(person.facts.workplace)}
        if files:
            person.halted, person.orders = True, person.orders | files
            yield person.facts.employee, person, order(tuple(files.items()))


def of_policies(people: Iterable[Person], organisation: Organisation, now: int) -> Told:
    """Those for whom a policy holds now that takes away something of the one that they were told, and what they get.

    Whoever is stopped captures nothing anyway, and whoever only may do more than before can wait for the lease.
    """
    order = cache(_order)
    less: dict[tuple[str, str], bool] = {}
    for person in people:
        told, facts = person.published, person.facts
        if told is None or facts is None or person.halted:
            continue
        holds = holding(organisation.policies, facts.workplace, facts.moves, facts.employee, now)
        if holds is None or holds.hash == told.hash:
            continue
        step = told.hash, holds.hash
        if step not in less:
            less[step] = widens(holds.policy, told.policy)
        if less[step]:
            person.published, person.succession = holds, organisation.succession
            yield facts.employee, person, order(_files(holds, organisation.succession))


def send(told: Told) -> list[UUID]:
    """Send each their order, and forget their leases, which are of before. Returns who was told.

    The loop looks at nothing else meanwhile, so that the last has it before the first answer is checked.
    """
    employees = []
    for employee, person, order in told:
        person.envelopes, person.held = {}, []
        for connection in person.connections:
            connection.share(order, person)
        employees.append(employee)
    return employees


def _files(holds: Published, succession: bytes | None) -> Files:
    files = (("policy", holds.envelope), ("policy_base", holds.base), ("trust", succession))
    return tuple((name, envelope) for name, envelope in files if envelope is not None)


def _order(files: Files) -> Order:
    return Order(dict(files), reply(b"", config=opamp.remote_config(dict(files))))
