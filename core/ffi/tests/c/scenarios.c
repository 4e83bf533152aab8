// SPDX-License-Identifier: Apache-2.0
//
// Acts out a scenario of tests/bindings/scenarios.toml.
//
//   scenarios <name> <master>

#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

#define TASK_LOST 5
#define THREADS 8
#define CALLS 100

static const char *scenario;
static mesos_scheduler_driver driver;

// Held while a method runs and its line is printed, so that the lines of the callbacks that it
// brings about on the driver's thread come after it.
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_registered, is_stopped, is_lost;

static bool is(const char *name) {
    return strcmp(scenario, name) == 0;
}

static void set(bool *flag) {
    pthread_mutex_lock(&lock);
    *flag = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for(bool *flag) {
    pthread_mutex_lock(&lock);
    while (!*flag) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static const char *name_of(mesos_status status) {
    static const char *const names[] = {"INVALID", "NOT_STARTED", "RUNNING", "ABORTED", "STOPPED"};
    return names[status];
}

static mesos_status say(const char *method, mesos_status status) {
    printf("%s %s\n", method, name_of(status));
    fflush(stdout);
    return status;
}

static void line(const char *what, const char *text, size_t len) {
    pthread_mutex_lock(&lock);
    printf("%s%.*s\n", what, (int)len, text);
    pthread_mutex_unlock(&lock);
}

static void stop(void) {
    say("stop", mesos_scheduler_driver_stop(driver, false, NULL));
}

static void join(void) {
    say("join", mesos_scheduler_driver_join(driver, NULL));
}

static bool registered(void *context, mesos_scheduler_driver self, mesos_bytes framework_id,
                       mesos_bytes master) {
    (void)context;
    (void)self;
    (void)framework_id;
    (void)master;
    line("registered", "", 0);
    if (is("callback-throws")) {
        return false;
    }
    if (is("callback-stops")) {
        stop();
    }
    if (is("callback-joins")) {
        join();
        stop();
    }
    if (is("callback-aborts")) {
        say("abort", mesos_scheduler_driver_abort(driver, NULL));
    }
    set(&is_registered);
    if (is("callback-blocks")) {
        wait_for(&is_stopped);
        puts("returns");
    }
    return true;
}

static bool status_update(void *context, mesos_scheduler_driver self, mesos_bytes status) {
    (void)context;
    (void)self;
    if (field_number(status, 2) == TASK_LOST) {
        mesos_bytes id = field_bytes(field_bytes(status, 1), 1);
        line("lost ", (const char *)id.data, id.len);
        set(&is_lost);
    }
    return true;
}

static bool on_error(void *context, mesos_scheduler_driver self, mesos_bytes text) {
    (void)context;
    (void)self;
    line("error ", (const char *)text.data, text.len);
    return true;
}

static mesos_status kill_task(void) {
    message id = id_of("t");
    return mesos_scheduler_driver_kill_task(driver, view(&id), NULL);
}

static void launch(void) {
    message id = id_of("t"), agent = id_of("a"), task = {.len = 0};
    put_text(&task, 1, "t");
    put_bytes(&task, 2, view(&id));
    put_bytes(&task, 3, view(&agent));
    mesos_bytes tasks = view(&task), none = {NULL, 0};
    pthread_mutex_lock(&lock);
    say("launchTasks",
        mesos_scheduler_driver_launch_tasks(driver, NULL, 0, &tasks, 1, none, NULL));
    pthread_mutex_unlock(&lock);
}

static atomic_int running;

static void *revive(void *unused) {
    for (int i = 0; i < CALLS; i++) {
        if (mesos_scheduler_driver_revive_offers(driver, NULL) == MESOS_STATUS_RUNNING) {
            atomic_fetch_add(&running, 1);
        }
    }
    return unused;
}

static void from_many_threads(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, revive, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("calls %d\n", atomic_load(&running));
}

// Scenarios that begin with run().
static bool runs(void) {
    if (!is("callback-throws") && !is("callback-stops") && !is("callback-joins") &&
        !is("callback-aborts")) {
        return false;
    }
    say("run", mesos_scheduler_driver_run(driver, NULL));
    if (is("callback-throws")) {
        // In C, the callback itself knows what went wrong.
        puts("failure");
    }
    if (is("callback-throws") || is("callback-aborts")) {
        stop();
    }
    return true;
}

static void start(void) {
    pthread_mutex_lock(&lock);
    say("start", mesos_scheduler_driver_start(driver, NULL));
    pthread_mutex_unlock(&lock);
}

// Scenarios that begin with start().
static bool starts(void) {
    start();
    if (is("wrong-master-address") || is("local-cluster-missing")) {
        join();
        stop();
    } else if (is("no-master")) {
        launch();
        wait_for(&is_lost);
        stop();
        join();
    } else if (is("master-without-quorum")) {
        stop();
        join();
    } else if (is("framework-without-name")) {
        join();
    } else if (is("task-without-id")) {
        mesos_bytes none = {NULL, 0};
        pthread_mutex_lock(&lock);
        say("killTask", mesos_scheduler_driver_kill_task(driver, none, NULL));
        pthread_mutex_unlock(&lock);
        join();
    } else if (is("acknowledge-though-implicit")) {
        message id = id_of("t"), status = {.len = 0};
        put_bytes(&status, 1, view(&id));
        put_number(&status, 2, 1);
        pthread_mutex_lock(&lock);
        say("acknowledgeStatusUpdate",
            mesos_scheduler_driver_acknowledge_status_update(driver, view(&status), NULL));
        pthread_mutex_unlock(&lock);
        join();
    } else if (is("callback-blocks")) {
        wait_for(&is_registered);
        stop();
        set(&is_stopped);
        join();
    } else if (is("dropped-without-stop")) {
        wait_for(&is_registered);
    } else if (is("local-cluster")) {
        wait_for(&is_registered);
        stop();
        join();
    } else if (is("double-start")) {
        start();
        stop();
        join();
    } else if (is("use-after-stop")) {
        stop();
        join();
        say("killTask", kill_task());
        start();
        stop();
    } else if (is("many-threads")) {
        from_many_threads();
        stop();
        join();
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: scenarios <name> <master>\n");
        return 2;
    }
    scenario = argv[1];
    message info = {.len = 0};
    put_text(&info, 1, "");
    if (!is("framework-without-name")) {
        put_text(&info, 2, "scenario");
    }
    mesos_scheduler_callbacks callbacks = {
        .size = sizeof callbacks,
        .registered = registered,
        .status_update = status_update,
        .error = on_error,
    };
    mesos_scheduler_options options = {
        .size = sizeof options,
        .framework = view(&info),
        .master = argv[2],
        .implicit_acknowledgements = true,
    };
    mesos_error *error = NULL;
    if (!mesos_scheduler_driver_new(&callbacks, &options, &driver, &error)) {
        fprintf(stderr, "%s\n", mesos_error_get_message(error));
        mesos_error_free(error);
        return 1;
    }
    if (is("never-started")) {
        join();
        stop();
        say("abort", mesos_scheduler_driver_abort(driver, NULL));
        say("killTask", kill_task());
    } else if (!runs() && !starts()) {
        fprintf(stderr, "there is no scenario '%s'\n", scenario);
        return 2;
    }
    mesos_scheduler_driver_free(driver);
    if (is("dropped-without-stop")) {
        puts("dropped");
    }
    return 0;
}
