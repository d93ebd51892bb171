from __future__ import annotations

import threading

import pytest

from auralis_cli.player.single_flight import SingleFlight


def test_the_newest_load_alone_lands() -> None:
    flight = SingleFlight()
    first, second = flight.supersede(), flight.supersede()
    assert (flight.land(first), flight.land(second)) == (False, True)


def test_what_follows_a_load_by_itself_is_begun_once_and_never_after_another_wish() -> None:
    flight = SingleFlight()
    playing = flight.supersede()
    following = flight.begin(after=playing)
    assert following is not None
    assert flight.begin(after=playing) is None
    jumped = flight.supersede()
    assert flight.begin(after=following) is None
    assert flight.land(jumped)


@pytest.mark.invariant("S0-C01")
def test_of_eight_threads_that_notice_an_end_one_begins_what_follows() -> None:
    """✗ a trigger is not compared with the load it was triggered by."""
    flight, lock, begun = SingleFlight(), threading.RLock(), list[int]()

    def notice(ends: list[int]) -> None:
        for end in ends:
            with lock:
                epoch = flight.begin(after=end)
                if epoch is not None:
                    begun.append(epoch)

    ends = list(range(10_000 // 8))
    threads = [threading.Thread(target=notice, args=(ends,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun == [end + 1 for end in ends]
