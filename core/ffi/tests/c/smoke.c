// SPDX-License-Identifier: Apache-2.0
//
// A framework and its executor in C: one task, a message each way, bytes with NUL in them.
//
//   smoke scheduler <master> <path of this program>
//   smoke executor

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

#define TASK_RUNNING 1
#define TASK_FINISHED 2

static const mesos_bytes PING = {(const uint8_t *)"ping\0pong", 9};

static bool same(mesos_bytes a, mesos_bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void fail(const char *what, mesos_error *error) {
    fprintf(stderr, "%s: %s\n", what, mesos_error_get_message(error));
    mesos_error_free(error);
    exit(1);
}

// ------------------------------------------------------------------------------ executor

static bool executor_update(mesos_executor_driver driver, mesos_bytes task_id, int state) {
    message status = {.len = 0};
    put_bytes(&status, 1, task_id);
    put_number(&status, 2, (uint64_t)state);
    put_bytes(&status, 3, PING);
    return mesos_executor_driver_send_status_update(driver, view(&status), NULL) ==
           MESOS_STATUS_RUNNING;
}

static message launched;

static bool launch_task(void *context, mesos_executor_driver driver, mesos_bytes task) {
    (void)context;
    launched.len = 0;
    mesos_bytes task_id = field_bytes(task, 2);
    memcpy(launched.data, task_id.data, task_id.len);
    launched.len = task_id.len;
    return executor_update(driver, task_id, TASK_RUNNING);
}

static bool executor_message(void *context, mesos_executor_driver driver, mesos_bytes data) {
    (void)context;
    if (mesos_executor_driver_send_framework_message(driver, data, NULL) != MESOS_STATUS_RUNNING) {
        return false;
    }
    return executor_update(driver, view(&launched), TASK_FINISHED);
}

static bool executor_shutdown(void *context, mesos_executor_driver driver) {
    (void)context;
    return mesos_executor_driver_stop(driver, NULL) == MESOS_STATUS_STOPPED;
}

static int run_executor(void) {
    mesos_executor_callbacks callbacks = {
        .size = sizeof callbacks,
        .launch_task = launch_task,
        .framework_message = executor_message,
        .shutdown = executor_shutdown,
    };
    mesos_executor_driver driver = {0};
    mesos_error *error = NULL;
    if (!mesos_executor_driver_new(&callbacks, NULL, &driver, &error)) {
        fail("no driver", error);
    }
    mesos_status status = mesos_executor_driver_run(driver, &error);
    mesos_executor_driver_free(driver);
    return status == MESOS_STATUS_STOPPED ? 0 : 1;
}

// ----------------------------------------------------------------------------- scheduler

typedef struct {
    const char *program;
    bool launched, echoed, finished, released;
} framework;

static bool registered(void *context, mesos_scheduler_driver driver, mesos_bytes framework_id,
                       mesos_bytes master) {
    (void)context;
    (void)driver;
    return framework_id.len != 0 && master.len != 0;
}

static void launch(framework *it, mesos_scheduler_driver driver, mesos_bytes offer) {
    char command[4096];
    snprintf(command, sizeof command, "exec %s executor", it->program);
    message command_info = {.len = 0}, executor = {.len = 0}, task = {.len = 0};
    put_text(&command_info, 3, command);
    message executor_id = id_of("default"), task_id = id_of("t");
    put_bytes(&executor, 1, view(&executor_id));
    put_bytes(&executor, 7, view(&command_info));
    put_text(&task, 1, "task");
    put_bytes(&task, 2, view(&task_id));
    put_bytes(&task, 3, field_bytes(offer, 3));
    mesos_buffer resources = {NULL, 0};
    mesos_error *error = NULL;
    if (!mesos_resources_parse("cpus:0.5;mem:64", "*", &resources, &error)) {
        fail("no resources", error);
    }
    mesos_bytes rest = {resources.data, resources.len}, resource;
    uint32_t field;
    uint64_t number;
    while (take_field(&rest, &field, &resource, &number)) {
        put_bytes(&task, 4, resource);
    }
    mesos_buffer_free(&resources);
    put_bytes(&task, 5, view(&executor));
    mesos_bytes offer_id = field_bytes(offer, 1), tasks = view(&task);
    mesos_status status = mesos_scheduler_driver_launch_tasks(
        driver, &offer_id, 1, &tasks, 1, (mesos_bytes){NULL, 0}, &error);
    if (status != MESOS_STATUS_RUNNING) {
        fail("not launched", error);
    }
}

static bool resource_offers(void *context, mesos_scheduler_driver driver,
                            const mesos_bytes *offers, size_t count) {
    framework *it = context;
    for (size_t i = 0; i < count; i++) {
        if (!it->launched) {
            it->launched = true;
            launch(it, driver, offers[i]);
        } else {
            mesos_scheduler_driver_decline_offer(driver, field_bytes(offers[i], 1),
                                                 (mesos_bytes){NULL, 0}, NULL);
        }
    }
    return true;
}

static void stop_when_done(framework *it, mesos_scheduler_driver driver) {
    if (it->echoed && it->finished) {
        mesos_scheduler_driver_stop(driver, false, NULL);
    }
}

static bool status_update(void *context, mesos_scheduler_driver driver, mesos_bytes status) {
    framework *it = context;
    uint64_t state = field_number(status, 2);
    if (state == TASK_RUNNING) {
        if (!same(field_bytes(status, 3), PING)) {
            return false;
        }
        message executor_id = id_of("default");
        mesos_scheduler_driver_send_framework_message(driver, view(&executor_id),
                                                      field_bytes(status, 5), PING, NULL);
    } else if (state == TASK_FINISHED) {
        it->finished = true;
        stop_when_done(it, driver);
    } else if (state > TASK_FINISHED && state < 6) {
        fprintf(stderr, "the task failed with state %d\n", (int)state);
        return false;
    }
    return true;
}

static bool framework_message(void *context, mesos_scheduler_driver driver,
                              mesos_bytes executor_id, mesos_bytes agent_id, mesos_bytes data) {
    framework *it = context;
    it->echoed = executor_id.len != 0 && agent_id.len != 0 && same(data, PING);
    stop_when_done(it, driver);
    return it->echoed;
}

static bool scheduler_error(void *context, mesos_scheduler_driver driver, mesos_bytes text) {
    (void)context;
    (void)driver;
    fprintf(stderr, "error: %.*s\n", (int)text.len, (const char *)text.data);
    return true;
}

static void release(void *context) {
    ((framework *)context)->released = true;
}

static int run_scheduler(const char *master, const char *program) {
    framework it = {.program = program};
    mesos_scheduler_callbacks callbacks = {
        .size = sizeof callbacks,
        .context = &it,
        .registered = registered,
        .resource_offers = resource_offers,
        .status_update = status_update,
        .framework_message = framework_message,
        .error = scheduler_error,
        .release = release,
    };
    message info = {.len = 0};
    put_text(&info, 1, "");
    put_text(&info, 2, "Smoke (C)");
    mesos_scheduler_options options = {
        .size = sizeof options,
        .framework = view(&info),
        .master = master,
        .implicit_acknowledgements = true,
    };
    mesos_scheduler_driver driver = {0};
    mesos_error *error = NULL;
    if (!mesos_scheduler_driver_new(&callbacks, &options, &driver, &error)) {
        fail("no driver", error);
    }
    mesos_status status = mesos_scheduler_driver_run(driver, &error);
    mesos_scheduler_driver_free(driver);
    bool good = status == MESOS_STATUS_STOPPED && it.echoed && it.finished && it.released;
    printf("status %d, echoed %d, finished %d, released %d\n", (int)status, it.echoed,
           it.finished, it.released);
    return good ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "executor") == 0) {
        return run_executor();
    }
    if (argc == 4 && strcmp(argv[1], "scheduler") == 0) {
        return run_scheduler(argv[2], argv[3]);
    }
    fprintf(stderr, "usage: smoke scheduler <master> <path of this program> | smoke executor\n");
    return 2;
}
