# SPDX-License-Identifier: Apache-2.0
"""An executor in asyncio, for the tests: it echoes messages and finishes tasks when told."""

from __future__ import annotations

import asyncio

from mesos_rs import Executor, FrameworkMessage, Launch, Shutdown


async def main() -> None:
    """Runs until it is shut down."""
    task_id = ""
    async with Executor() as executor:
        async for event in executor:
            if isinstance(event, Launch):
                task_id = event.task.task_id.value
                await executor.update(task_id, "TASK_RUNNING", data=event.task.data)
            elif isinstance(event, FrameworkMessage):
                await executor.message(event.data)
                await executor.update(task_id, "TASK_FINISHED", message="told so")
            elif isinstance(event, Shutdown):
                return


if __name__ == "__main__":
    asyncio.run(main())
