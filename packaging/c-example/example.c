/* SPDX-License-Identifier: Apache-2.0 */

/* Reads resources as the flags of an agent write them, and prints them. */

#include <mesos.h>
#include <stdio.h>

static int fail(mesos_error *error) {
  fprintf(stderr, "%s\n", mesos_error_get_message(error));
  mesos_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  const char *resources = argc > 1 ? argv[1] : "cpus:2;mem:512";
  mesos_error *error = NULL;
  mesos_buffer parsed = {0};
  mesos_buffer text = {0};

  printf("libmesos %s\n", mesos_version());
  if (!mesos_resources_parse(resources, "*", &parsed, &error)) {
    return fail(error);
  }
  mesos_bytes borrowed = {.data = parsed.data, .len = parsed.len};
  if (!mesos_resources_text(borrowed, &text, &error)) {
    mesos_buffer_free(&parsed);
    return fail(error);
  }
  printf("%.*s\n", (int)text.len, (const char *)text.data);
  mesos_buffer_free(&text);
  mesos_buffer_free(&parsed);
  return 0;
}
