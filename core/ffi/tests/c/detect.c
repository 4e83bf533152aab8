// SPDX-License-Identifier: Apache-2.0
//
// Prints who leads, one line for each change, until its input ends.
//
//   detect <master>

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

#define PID 4
#define ADDRESS 7
#define ADDRESS_IP 2
#define ADDRESS_PORT 3

static bool detected(void *context, mesos_detector detector, mesos_bytes master) {
    int *changes = context;
    (void)detector;
    ++*changes;
    if (master.len == 0) {
        puts("nobody");
    } else {
        mesos_bytes address = field_bytes(master, ADDRESS);
        mesos_bytes ip = field_bytes(address, ADDRESS_IP);
        mesos_bytes pid = field_bytes(master, PID);
        printf("%.*s:%u %.*s\n", (int)ip.len, (const char *)ip.data,
               (unsigned)field_number(address, ADDRESS_PORT), (int)pid.len,
               (const char *)pid.data);
    }
    fflush(stdout);
    return true;
}

static void release(void *context) {
    int *changes = context;
    printf("released after %d\n", *changes);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: detect <master>\n");
        return 2;
    }
    int changes = 0;
    mesos_detector_callbacks callbacks = {
        .size = sizeof callbacks,
        .context = &changes,
        .detected = detected,
        .release = release,
    };
    mesos_detector detector;
    mesos_error *error = NULL;
    if (!mesos_detector_open(&callbacks, argv[1], &detector, &error)) {
        fprintf(stderr, "%s\n", mesos_error_get_message(error));
        mesos_error_free(error);
        return 1;
    }
    while (getchar() != EOF) {
    }
    mesos_detector_free(detector);
    mesos_detector_free(detector);
    return 0;
}
