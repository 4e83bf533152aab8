# SPDX-License-Identifier: Apache-2.0
"""An executor on PyMesos: reports each task as running, then as finished."""

import sys
import time
from threading import Thread

from pymesos import Executor, MesosExecutorDriver


class TestExecutor(Executor):
    def launchTask(self, driver, task):
        def run():
            for state in ("TASK_RUNNING", "TASK_FINISHED"):
                update = {
                    "task_id": {"value": task.task_id.value},
                    "state": state,
                    "timestamp": time.time(),
                }
                driver.sendStatusUpdate(update)

        Thread(target=run).start()

    def frameworkMessage(self, driver, message):
        driver.sendFrameworkMessage(message)


if __name__ == "__main__":
    MesosExecutorDriver(TestExecutor(), use_addict=True).run()
    sys.exit(0)
