# SPDX-License-Identifier: Apache-2.0
"""Where a task's output is, as the agent tells, and what it says."""

import json
import urllib.request
from pathlib import Path


def output_of(agent, framework_id, task_id):
    """What a command task has printed; for tasks on this machine.

    The agent may not have heard of the task's end yet, so all it knows is searched.
    """
    with urllib.request.urlopen(f"http://{agent}/state") as answer:
        state = json.load(answer)
    for framework in state["frameworks"] + state["completed_frameworks"]:
        for executor in framework["executors"] + framework["completed_executors"]:
            if framework["id"] == framework_id and executor["id"] == task_id:
                return (Path(executor["directory"]) / "stdout").read_text()
    raise RuntimeError(f"the agent at {agent} does not know the task {task_id}")
