"""What another server says is asked for seldom, by one at a time, and what is known serves everybody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from portal.core.kept import KEPT_S, LONGEST_S, REST_S, Kept


class GoneError(Exception):
    """The other server does not answer."""


class Server:
    """Counts how often it is asked, fails when told, and takes its time on a clock that it moves itself."""

    now, asked, gone, takes = 1000.0, 0, False, 0.0

    def __call__(self) -> int:
        self.asked += 1
        self.now += self.takes
        if self.gone:
            raise GoneError
        return self.asked


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def kept(server: Server) -> Kept[int]:
    return Kept(server, GoneError, lambda: server.now)


def test_it_is_asked_for_each_hour(server: Server, kept: Kept[int]) -> None:
    assert [kept.get(), kept.get()] == [1, 1]
    server.now += KEPT_S + 1
    assert [kept.get(), kept.get()] == [2, 2]


def test_what_is_known_serves_for_another_hour_while_the_server_is_gone(server: Server, kept: Kept[int]) -> None:
    kept.get()
    server.gone = True
    server.now += KEPT_S + 1
    assert [kept.get(), kept.get()] == [1, 1]
    assert server.asked == 2
    server.now += LONGEST_S
    with pytest.raises(GoneError):
        kept.get()


def test_a_server_that_took_long_to_fail_is_left_alone_from_then_on(server: Server, kept: Kept[int]) -> None:
    server.gone, server.takes = True, 2 * REST_S
    for _ in range(3):
        with pytest.raises(GoneError):
            kept.get()
    assert server.asked == 1


def test_it_is_renewed_at_most_so_often_also_when_that_fails(server: Server, kept: Kept[int]) -> None:
    assert kept.get() == 1
    assert not kept.renew(1, 30)
    server.now += 31
    assert kept.renew(1, 30)
    assert kept.renew(1, 30), "somebody else has renewed it"
    assert server.asked == 2
    server.now += 31
    server.gone = True
    for _ in range(3):
        with pytest.raises(GoneError):
            kept.renew(2, 30)
    assert (server.asked, kept.get()) == (3, 2)


def test_S02_nobody_waits_for_another_s_slow_answer_while_something_is_known() -> None:
    now, asking, go_on = [1000.0], threading.Event(), threading.Event()

    def slow() -> str:
        if now[0] > 1000:
            asking.set()
            assert go_on.wait(20)
        return "known"

    kept = Kept(slow, GoneError, lambda: now[0])
    kept.get()
    with ThreadPoolExecutor(2) as people:
        acts: tuple[tuple[float, Callable[[], object]], ...] = (
            (KEPT_S + 1, kept.get),
            (31.0, lambda: kept.renew("known", 30)),
        )
        for later, act in acts:
            now[0] += later
            first = people.submit(act)
            assert asking.wait(20)
            second = people.submit(kept.get)
            waited = wait([second], timeout=3).not_done
            go_on.set()
            assert not waited
            assert (first.result(), second.result()) in {("known", "known"), (True, "known")}
            asking.clear()
            go_on.clear()
