#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""As many commands as fit on what is offered, in asyncio: `hello_asyncio.py MASTER [TASKS]`."""

import asyncio
import sys

from mesos_rs import Offers, Resources, Scheduler, Task, Update

NEED = Resources(cpus=0.1, mem=32)


async def main(master, count):
    """Runs `count` tasks to their end, wherever there is room."""
    waiting = list(range(count))
    running = {f"task-{n}" for n in waiting}
    async with Scheduler(master, "hello (asyncio)") as scheduler:
        async for event in scheduler:
            if isinstance(event, Offers):
                for offer in event:
                    left, tasks = offer.resources, []
                    while waiting and (part := left.find(NEED)):
                        # What is found may be reserved: the task takes it as it is.
                        left -= part
                        n = waiting.pop()
                        tasks.append(Task(f"echo task {n}", part, id=f"task-{n}"))
                    await scheduler.launch(offer, *tasks, refuse_seconds=1)
                    print(f"{len(tasks)} tasks on {offer.hostname}, {left} left")
            elif isinstance(event, Update) and event.is_terminal:
                if event.state != "TASK_FINISHED":
                    raise RuntimeError(f"{event.task_id} is in {event.state}: {event.message}")
                running.discard(event.task_id)
                if not running:
                    print(f"{count} tasks finished")
                    return


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10))
