"""A message whose wake-up got lost is read all the same, and soon."""

import asyncio

import pytest
import zmq
import zmq.asyncio

from aigc_course.authoring.execute import awake


async def received(nudged: bool) -> bytes:
    """What arrives within a second at a socket that nobody wakes."""
    context = zmq.asyncio.Context()
    with context.socket(zmq.PAIR) as sender, context.socket(zmq.PAIR) as receiver:
        receiver.bind("inproc://lost")
        sender.connect("inproc://lost")
        waiting = asyncio.ensure_future(receiver.recv())
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().remove_reader(receiver.FD)                   # no signal of it comes through any more
        await sender.send(b"idle")
        async with awake([receiver] if nudged else [], seconds=0.05):
            return await asyncio.wait_for(waiting, 1)


def test_a_lost_message_is_found():
    assert asyncio.run(received(nudged=True)) == b"idle"


def test_without_asking_it_stays_lost():
    """Else the test above would show nothing."""
    with pytest.raises(TimeoutError):
        asyncio.run(received(nudged=False))
