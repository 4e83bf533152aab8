// SPDX-License-Identifier: Apache-2.0
//
// The C interface of mesos-rs. Generated from core/ffi by cbindgen; do not edit.
//
// Rules that hold for every function:
//
// - Handles (mesos_scheduler_driver …) are numbers. A handle that was freed, or never was one, is
//   refused with an error; freeing it again does nothing.
// - mesos_bytes are borrowed: the library copies what it keeps, and what a callback gets is valid
//   until the callback returns. Length 0 may go with a NULL pointer.
// - Messages are serialized protobuf: of v0 (mesos.TaskInfo …) for the drivers, of v1
//   (mesos.v1.scheduler.Call …) for connections.
// - A function that can fail takes `error` last; NULL is allowed there. What it sets is freed with
//   mesos_error_free. Nothing is written to it on success.
// - No function lets a panic or an exception out. A callback must not either: it returns false.
// - All functions may be called on any thread, and inside of callbacks.


#ifndef MESOS_H
#define MESOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What went wrong, in the categories a program can act on.
enum mesos_error_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // An argument is wrong: NULL, not UTF-8, an impossible length, a dead handle.
    MESOS_ERROR_KIND_INVALID_ARGUMENT = 1,
    // The call itself is wrong, and was not sent.
    MESOS_ERROR_KIND_INVALID_CALL = 2,
    // There is no subscription at the moment, so the call was not sent.
    MESOS_ERROR_KIND_DISCONNECTED = 3,
    // Too many calls wait for their answer; this one was not sent.
    MESOS_ERROR_KIND_BUSY = 4,
    // The network failed, and it is not known whether the call arrived.
    MESOS_ERROR_KIND_TRANSPORT = 5,
    // The server is there but cannot serve now.
    MESOS_ERROR_KIND_UNAVAILABLE = 6,
    // The server refused the call as wrong.
    MESOS_ERROR_KIND_REFUSED = 7,
    // The server wants other credentials, or any.
    MESOS_ERROR_KIND_UNAUTHENTICATED = 8,
    // The server knows who calls and does not allow it.
    MESOS_ERROR_KIND_FORBIDDEN = 9,
    // The master refused the subscription.
    MESOS_ERROR_KIND_SUBSCRIPTION_REFUSED = 10,
    // Another scheduler took over this framework id.
    MESOS_ERROR_KIND_FAILED_OVER = 11,
    // The framework has been removed from the cluster.
    MESOS_ERROR_KIND_FRAMEWORK_REMOVED = 12,
    // The other side does not speak the Mesos API, or not correctly.
    MESOS_ERROR_KIND_PROTOCOL = 13,
    // A setting or an environment variable is missing or wrong.
    MESOS_ERROR_KIND_CONFIGURATION = 14,
    // The object has been stopped.
    MESOS_ERROR_KIND_STOPPED = 15,
    // The library has a defect, which it has survived.
    MESOS_ERROR_KIND_INTERNAL = 16,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_error_kind mesos_error_kind;
#else
typedef int32_t mesos_error_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Whether doing the same again can help.
enum mesos_retry
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // No: something has to change first.
    MESOS_RETRY_NEVER = 0,
    // Yes, once there is a subscription again.
    MESOS_RETRY_AFTER_RECONNECT = 1,
    // Yes, after a while.
    MESOS_RETRY_LATER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_retry mesos_retry;
#else
typedef int32_t mesos_retry;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// The status of a driver.
enum mesos_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // The function was refused, and its `error` is set.
    MESOS_STATUS_INVALID = 0,
    // `start` was not called.
    MESOS_STATUS_NOT_STARTED = 1,
    // Callbacks come, and methods are carried out.
    MESOS_STATUS_RUNNING = 2,
    // Ended by `abort` or by an error.
    MESOS_STATUS_ABORTED = 3,
    // Ended by `stop`.
    MESOS_STATUS_STOPPED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_status mesos_status;
#else
typedef int32_t mesos_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How calls and events are written on the way; to the user they are protobuf always.
enum mesos_content_type
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // application/x-protobuf.
    MESOS_CONTENT_TYPE_PROTOBUF = 0,
    // application/json.
    MESOS_CONTENT_TYPE_JSON = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_content_type mesos_content_type;
#else
typedef int32_t mesos_content_type;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What can be made of two collections.
enum mesos_resources_combination
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Both together.
    MESOS_RESOURCES_COMBINATION_ADD = 1,
    // The first without the second.
    MESOS_RESOURCES_COMBINATION_SUBTRACT = 2,
    // The part of the first that gives the quantities of the second; fails if there is none.
    MESOS_RESOURCES_COMBINATION_FIND = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_resources_combination mesos_resources_combination;
#else
typedef int32_t mesos_resources_combination;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How two collections can relate.
enum mesos_resources_relation
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // The first has all of the second.
    MESOS_RESOURCES_RELATION_CONTAINS = 1,
    // Both are the same.
    MESOS_RESOURCES_RELATION_EQUAL = 2,
    // The scalars of the first amount to those of the second or more, whoever they are reserved for.
    MESOS_RESOURCES_RELATION_CONTAINS_QUANTITIES = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_resources_relation mesos_resources_relation;
#else
typedef int32_t mesos_resources_relation;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What can be made of one collection. Those with a role need one.
enum mesos_resources_selection
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // All of it, made valid.
    MESOS_RESOURCES_SELECTION_ALL = 0,
    // The reserved ones, for any role.
    MESOS_RESOURCES_SELECTION_RESERVED = 1,
    // The ones reserved for a role.
    MESOS_RESOURCES_SELECTION_RESERVED_TO_ROLE = 2,
    // The ones reserved for nobody.
    MESOS_RESOURCES_SELECTION_UNRESERVED = 3,
    // The ones that can be allocated to a role.
    MESOS_RESOURCES_SELECTION_ALLOCATABLE_TO_ROLE = 4,
    // The persistent volumes.
    MESOS_RESOURCES_SELECTION_PERSISTENT_VOLUMES = 5,
    // The ones that can be revoked.
    MESOS_RESOURCES_SELECTION_REVOCABLE = 6,
    // The others.
    MESOS_RESOURCES_SELECTION_NON_REVOCABLE = 7,
    // The shared ones.
    MESOS_RESOURCES_SELECTION_SHARED = 8,
    // The others.
    MESOS_RESOURCES_SELECTION_NON_SHARED = 9,
    // The scalars.
    MESOS_RESOURCES_SELECTION_SCALARS = 10,
    // All, without their reservations.
    MESOS_RESOURCES_SELECTION_TO_UNRESERVED = 11,
    // All, without the last reservation of each; fails if one has none.
    MESOS_RESOURCES_SELECTION_POP_RESERVATION = 12,
    // All, allocated to a role.
    MESOS_RESOURCES_SELECTION_ALLOCATED_TO_ROLE = 13,
    // All, not allocated.
    MESOS_RESOURCES_SELECTION_UNALLOCATED = 14,
    // Only names and amounts of the scalars.
    MESOS_RESOURCES_SELECTION_STRIPPED_SCALARS = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mesos_resources_selection mesos_resources_selection;
#else
typedef int32_t mesos_resources_selection;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why a function failed.
typedef struct mesos_error mesos_error;

// Bytes that the library made; free them with mesos_buffer_free.
typedef struct mesos_buffer {
    // The first byte; NULL when there is none.
    uint8_t *data;
    // How many.
    size_t len;
} mesos_buffer;

// A connection; all zero is none.
typedef struct mesos_connection {
    // Its number.
    uint64_t id;
} mesos_connection;

// Bytes that somebody else owns. `data` may be NULL where `len` is 0.
typedef struct mesos_bytes {
    // The first byte.
    const uint8_t *data;
    // How many.
    size_t len;
} mesos_bytes;

// What the user of a connection is called with. Members may be NULL.
//
// Each callback returns whether it went well; false ends the connection. They come one after
// another on one thread, perhaps before the function that opens the connection has returned.
typedef struct mesos_connection_callbacks {
    // sizeof(struct mesos_connection_callbacks).
    size_t size;
    // Given to each callback.
    void *context;
    // A SUBSCRIBE can be sent.
    bool (*connected)(void *context, struct mesos_connection connection);
    // Calls are dropped until the next `connected`.
    bool (*disconnected)(void *context, struct mesos_connection connection);
    // v1 Event, at least one.
    bool (*received)(void *context,
                     struct mesos_connection connection,
                     const struct mesos_bytes *events,
                     size_t events_count);
    // No callback will come any more; called once.
    void (*release)(void *context);
} mesos_connection_callbacks;

// A detector; all zero is none.
typedef struct mesos_detector {
    // Its number.
    uint64_t id;
} mesos_detector;

// What the user of a detector is called with. Members may be NULL.
//
// The callbacks come one after another on one thread, perhaps before mesos_detector_open has
// returned.
typedef struct mesos_detector_callbacks {
    // sizeof(struct mesos_detector_callbacks).
    size_t size;
    // Given to each callback.
    void *context;
    // MasterInfo: this master leads now; empty (`len` 0) while none does. Returns whether it went
    // well; false ends the calls. A state that has passed while this ran is not told.
    bool (*detected)(void *context, struct mesos_detector detector, struct mesos_bytes master);
    // No callback will come any more; called once.
    void (*release)(void *context);
} mesos_detector_callbacks;

// An executor driver; all zero is none.
typedef struct mesos_executor_driver {
    // Its number.
    uint64_t id;
} mesos_executor_driver;

// What an executor is called with; see mesos_scheduler_callbacks.
typedef struct mesos_executor_callbacks {
    // sizeof(struct mesos_executor_callbacks).
    size_t size;
    // Given to each callback.
    void *context;
    // ExecutorInfo, FrameworkInfo, SlaveInfo: subscribed for the first time.
    bool (*registered)(void *context,
                       struct mesos_executor_driver driver,
                       struct mesos_bytes executor,
                       struct mesos_bytes framework,
                       struct mesos_bytes agent);
    // SlaveInfo: the agent has restarted.
    bool (*reregistered)(void *context,
                         struct mesos_executor_driver driver,
                         struct mesos_bytes agent);
    // The agent is away; it is waited for.
    bool (*disconnected)(void *context, struct mesos_executor_driver driver);
    // TaskInfo: run it, without blocking.
    bool (*launch_task)(void *context, struct mesos_executor_driver driver, struct mesos_bytes task);
    // TaskID: stop it.
    bool (*kill_task)(void *context, struct mesos_executor_driver driver, struct mesos_bytes task_id);
    // The message itself.
    bool (*framework_message)(void *context,
                              struct mesos_executor_driver driver,
                              struct mesos_bytes data);
    // Stop every task and the driver; the process is killed when its grace period is over.
    bool (*shutdown)(void *context, struct mesos_executor_driver driver);
    // UTF-8 without NUL at its end: the driver cannot go on, and has been aborted.
    bool (*error)(void *context, struct mesos_executor_driver driver, struct mesos_bytes message);
    // No callback will come any more; called once.
    void (*release)(void *context);
} mesos_executor_callbacks;

// A scheduler driver; all zero is none.
typedef struct mesos_scheduler_driver {
    // Its number.
    uint64_t id;
} mesos_scheduler_driver;

// What a scheduler is called with. Members may be NULL: then that is not heard.
//
// Each callback returns whether it went well; false (an exception, in other languages) aborts the
// driver, and `error` is not called for it. They come one after another on one thread of the
// driver; an `error` out of a start that fails comes on the thread of that start.
typedef struct mesos_scheduler_callbacks {
    // sizeof(struct mesos_scheduler_callbacks).
    size_t size;
    // Given to each callback.
    void *context;
    // FrameworkID, MasterInfo: subscribed for the first time.
    bool (*registered)(void *context,
                       struct mesos_scheduler_driver driver,
                       struct mesos_bytes framework_id,
                       struct mesos_bytes master);
    // MasterInfo: subscribed again.
    bool (*reregistered)(void *context,
                         struct mesos_scheduler_driver driver,
                         struct mesos_bytes master);
    // There is no master now.
    bool (*disconnected)(void *context, struct mesos_scheduler_driver driver);
    // Offer, at least one.
    bool (*resource_offers)(void *context,
                            struct mesos_scheduler_driver driver,
                            const struct mesos_bytes *offers,
                            size_t offers_count);
    // OfferID: the offer is no longer good.
    bool (*offer_rescinded)(void *context,
                            struct mesos_scheduler_driver driver,
                            struct mesos_bytes offer_id);
    // TaskStatus. With implicit acknowledgement, returning true acknowledges.
    bool (*status_update)(void *context,
                          struct mesos_scheduler_driver driver,
                          struct mesos_bytes status);
    // ExecutorID, SlaveID, and the message itself.
    bool (*framework_message)(void *context,
                              struct mesos_scheduler_driver driver,
                              struct mesos_bytes executor_id,
                              struct mesos_bytes agent_id,
                              struct mesos_bytes data);
    // SlaveID: the agent was removed from the cluster.
    bool (*agent_lost)(void *context,
                       struct mesos_scheduler_driver driver,
                       struct mesos_bytes agent_id);
    // ExecutorID, SlaveID, and the wait status, or -1.
    bool (*executor_lost)(void *context,
                          struct mesos_scheduler_driver driver,
                          struct mesos_bytes executor_id,
                          struct mesos_bytes agent_id,
                          int32_t status);
    // UTF-8 without NUL at its end: the driver cannot go on, and has been aborted.
    bool (*error)(void *context, struct mesos_scheduler_driver driver, struct mesos_bytes message);
    // No callback will come any more; called once, on whichever thread that is known, at the
    // latest by mesos_scheduler_driver_free unless that is called inside of a callback.
    void (*release)(void *context);
} mesos_scheduler_callbacks;

// What a scheduler driver is made of.
typedef struct mesos_scheduler_options {
    // sizeof(struct mesos_scheduler_options).
    size_t size;
    // FrameworkInfo. With an id, the driver takes over from whichever scheduler has it.
    // An empty user or hostname is filled in.
    struct mesos_bytes framework;
    // host:port, zk://host:port,.../path, or file:///path to a file that holds one of these; or
    // local for a cluster that start starts for this driver (the program mesos-local), and that
    // ends with it.
    const char *master;
    // Credential; `data` NULL for none.
    struct mesos_bytes credential;
    // Whether updates are acknowledged when their callback returns, or by
    // mesos_scheduler_driver_acknowledge_status_update.
    bool implicit_acknowledgements;
    // Role names, to begin with.
    const struct mesos_bytes *suppressed_roles;
    // How many.
    size_t suppressed_roles_count;
} mesos_scheduler_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Frees what a function has put into `buffer`, and empties it. NULL is allowed.
//
// # Safety
// `buffer` is NULL, or points to a buffer that this library has filled or that is all zero.
void mesos_buffer_free(struct mesos_buffer *buffer);

// Opens a connection of a scheduler to the master at `master`: host:port, zk://…, or
// file:///path. `credential` is a Credential; `data` NULL for none. When this fails, `release` is
// not called.
//
// # Safety
// The pointers are NULL or as their names say, the callbacks can be called on other threads with
// their context until `release` is, and `connection` and `error` can be written to.
bool mesos_scheduler_connection_open(const struct mesos_connection_callbacks *callbacks,
                                     const char *master,
                                     int32_t content,
                                     struct mesos_bytes credential,
                                     struct mesos_connection *connection,
                                     struct mesos_error **error);

// Opens a connection of an executor to its agent. `environment` is an array of "NAME=value" that
// ends with NULL; NULL for the environment of this process. When this fails, `release` is not
// called.
//
// # Safety
// As for mesos_scheduler_connection_open.
bool mesos_executor_connection_open(const struct mesos_connection_callbacks *callbacks,
                                    const char *const *environment,
                                    int32_t content,
                                    struct mesos_connection *connection,
                                    struct mesos_error **error);

// v1 scheduler Call: sends it. One that cannot be sent now is dropped, with a line in the log.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
bool mesos_scheduler_connection_send(struct mesos_connection connection,
                                     struct mesos_bytes call,
                                     struct mesos_error **error);

// v1 scheduler Call: sends it and waits for the answer: its HTTP status, and its body: for 200 a
// Response as the connection's content type says, otherwise a text. `body` may be NULL. When there
// is no answer, the status is 0. Not for callbacks that others wait for.
//
// # Safety
// The bytes are readable; `status` can be written to, `body` and `error` too unless NULL.
bool mesos_scheduler_connection_call(struct mesos_connection connection,
                                     struct mesos_bytes request,
                                     uint16_t *status,
                                     struct mesos_buffer *body,
                                     struct mesos_error **error);

// Drops the connection and opens a new one, if there is one now.
//
// # Safety
// `error` is NULL or can be written to.
bool mesos_scheduler_connection_reconnect(struct mesos_connection connection,
                                          struct mesos_error **error);

// Closes the connection, waits for the callback that runs unless called inside of it, and frees
// it. A dead handle is ignored.
void mesos_scheduler_connection_free(struct mesos_connection connection);

// v1 executor Call: sends it. One that cannot be sent now is dropped, with a line in the log.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
bool mesos_executor_connection_send(struct mesos_connection connection,
                                    struct mesos_bytes call,
                                    struct mesos_error **error);

// v1 executor Call: sends it and waits for the answer; see mesos_scheduler_connection_call.
//
// # Safety
// The bytes are readable; `status` can be written to, `body` and `error` too unless NULL.
bool mesos_executor_connection_call(struct mesos_connection connection,
                                    struct mesos_bytes request,
                                    uint16_t *status,
                                    struct mesos_buffer *body,
                                    struct mesos_error **error);

// Closes the connection, waits for the callback that runs unless called inside of it, and frees
// it. A dead handle is ignored.
void mesos_executor_connection_free(struct mesos_connection connection);

// Follows the leader of what a driver would be given as its master: zk://host:port,.../path,
// host:port (which is told once), file:///path, or local (whose cluster lives as long as the
// detector). While ZooKeeper does not answer, the leader stays. When this fails, `release` is
// not called.
//
// # Safety
// The pointers are NULL or as their names say, the callbacks can be called on another thread with
// their context until `release` is, and `detector` and `error` can be written to.
bool mesos_detector_open(const struct mesos_detector_callbacks *callbacks,
                         const char *master,
                         struct mesos_detector *detector,
                         struct mesos_error **error);

// Ends the detector, waits for the callback that runs unless called inside of it, and frees it. A
// dead handle is ignored.
void mesos_detector_free(struct mesos_detector detector);

// The kind of `error`; MESOS_ERROR_KIND_INVALID_ARGUMENT for NULL.
//
// # Safety
// `error` is NULL, or an error that was not freed.
mesos_error_kind mesos_error_get_kind(const struct mesos_error *error);

// Whether the same can be tried again; MESOS_RETRY_NEVER for NULL.
//
// # Safety
// `error` is NULL, or an error that was not freed.
mesos_retry mesos_error_get_retry(const struct mesos_error *error);

// A sentence for a person, in UTF-8; valid until the error is freed. Empty for NULL.
//
// # Safety
// `error` is NULL, or an error that was not freed.
const char *mesos_error_get_message(const struct mesos_error *error);

// Frees an error. NULL is allowed.
//
// # Safety
// `error` is NULL, or an error that was not freed.
void mesos_error_free(struct mesos_error *error);

// Makes a driver, which does nothing before it is started. Returns whether it is made.
//
// `environment` is an array of "NAME=value" that ends with NULL, as `environ` is; NULL for the
// environment of this process. What is wrong with it is told by start, through `error`.
//
// # Safety
// The pointers are NULL or as their names say, the callbacks can be called on other threads with
// their context until `release` is, and `driver` and `error` can be written to.
bool mesos_executor_driver_new(const struct mesos_executor_callbacks *callbacks,
                               const char *const *environment,
                               struct mesos_executor_driver *driver,
                               struct mesos_error **error);

// Ends the driver if it was not stopped, waits for the callback that runs unless called inside
// of it, and frees it. A dead handle is ignored.
void mesos_executor_driver_free(struct mesos_executor_driver driver);

// The status now.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_status(struct mesos_executor_driver driver,
                                          struct mesos_error **error);

// Starts the driver. When it cannot start, `error` is called on this thread, and the driver
// is aborted.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_start(struct mesos_executor_driver driver,
                                         struct mesos_error **error);

// Ends the driver, once the agent has what was sent. Does not wait.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_stop(struct mesos_executor_driver driver,
                                        struct mesos_error **error);

// Ends the callbacks. Does not wait.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_abort(struct mesos_executor_driver driver,
                                         struct mesos_error **error);

// Waits until the driver is stopped or aborted and no callback runs. Inside of a callback, or
// before the start, returns at once.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_join(struct mesos_executor_driver driver,
                                        struct mesos_error **error);

// Start and then join.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_executor_driver_run(struct mesos_executor_driver driver,
                                       struct mesos_error **error);

// TaskStatus: reports the state of a task, repeatedly until the scheduler has acknowledged it.
// Its uuid, time and agent are filled in. TASK_STAGING is misuse and aborts the driver.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_executor_driver_send_status_update(struct mesos_executor_driver driver,
                                                      struct mesos_bytes status,
                                                      struct mesos_error **error);

// The message itself, which can be lost without a word.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_executor_driver_send_framework_message(struct mesos_executor_driver driver,
                                                          struct mesos_bytes data,
                                                          struct mesos_error **error);

// Reads text such as "cpus:4;mem:1024;ports:[31000-32000];disk(role):100", or JSON.
//
// # Safety
// The texts end with NUL; `result` and `error` can be written to.
bool mesos_resources_parse(const char *resources,
                           const char *default_role,
                           struct mesos_buffer *result,
                           struct mesos_error **error);

// Reads the same as a list of what it says, in that order: nothing is validated, merged, or left
// out because it is empty. `json` is whether it may be JSON.
//
// # Safety
// The texts end with NUL; `result` and `error` can be written to.
bool mesos_resources_declared(const char *resources,
                              const char *default_role,
                              bool json,
                              struct mesos_buffer *result,
                              struct mesos_error **error);

// Makes a Resource of its name, the text of its value, and the role it is reserved to ("*" for
// none). It is not validated, and may be empty.
//
// # Safety
// The texts end with NUL; `result` and `error` can be written to.
bool mesos_resource_parse(const char *name,
                          const char *value,
                          const char *role,
                          struct mesos_buffer *result,
                          struct mesos_error **error);

// Makes a Value of its text: a number, "[1-5, 7-8]", "{a, b}", or any other text.
//
// # Safety
// The text ends with NUL; `result` and `error` can be written to.
bool mesos_value_parse(const char *value, struct mesos_buffer *result, struct mesos_error **error);

// Whether every resource of the list is valid; if not, `error` says what is wrong.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
bool mesos_resources_validate(struct mesos_bytes resources, struct mesos_error **error);

// Makes one collection of two. `combination` is a mesos_resources_combination.
//
// # Safety
// The bytes are readable; `result` and `error` can be written to.
bool mesos_resources_combine(int32_t combination,
                             struct mesos_bytes first,
                             struct mesos_bytes second,
                             struct mesos_buffer *result,
                             struct mesos_error **error);

// Says how two collections relate. `relation` is a mesos_resources_relation.
//
// # Safety
// The bytes are readable; `result` and `error` can be written to.
bool mesos_resources_compare(int32_t relation,
                             struct mesos_bytes first,
                             struct mesos_bytes second,
                             bool *result,
                             struct mesos_error **error);

// Makes one collection of another. `selection` is a mesos_resources_selection; `role` is NULL
// where it needs none.
//
// # Safety
// The bytes are readable, the role ends with NUL; `result` and `error` can be written to.
bool mesos_resources_select(int32_t selection,
                            struct mesos_bytes resources,
                            const char *role,
                            struct mesos_buffer *result,
                            struct mesos_error **error);

// Refines every reservation by `reservation`, a serialized Resource.ReservationInfo.
//
// # Safety
// The bytes are readable; `result` and `error` can be written to.
bool mesos_resources_push_reservation(struct mesos_bytes resources,
                                      struct mesos_bytes reservation,
                                      struct mesos_buffer *result,
                                      struct mesos_error **error);

// What is there after `operation`, a serialized Offer.Operation (RESERVE, CREATE, …).
//
// # Safety
// The bytes are readable; `result` and `error` can be written to.
bool mesos_resources_apply(struct mesos_bytes resources,
                           struct mesos_bytes operation,
                           struct mesos_buffer *result,
                           struct mesos_error **error);

// The text that Mesos prints for the resources, in UTF-8 without NUL.
//
// # Safety
// The bytes are readable; `result` and `error` can be written to.
bool mesos_resources_text(struct mesos_bytes resources,
                          struct mesos_buffer *result,
                          struct mesos_error **error);

// Makes a driver, which does nothing before it is started. Returns whether it is made.
//
// Only pointers are checked here; what is wrong with their contents is told by start, through
// the callback `error`. When this fails, `release` is not called.
//
// # Safety
// The pointers are NULL or as their names say, the callbacks can be called on other threads with
// their context until `release` is, and `driver` and `error` can be written to.
bool mesos_scheduler_driver_new(const struct mesos_scheduler_callbacks *callbacks,
                                const struct mesos_scheduler_options *options,
                                struct mesos_scheduler_driver *driver,
                                struct mesos_error **error);

// Ends the driver if it was not stopped (without a TEARDOWN), waits for the callback that runs
// unless called inside of it, and frees it. A dead handle is ignored.
void mesos_scheduler_driver_free(struct mesos_scheduler_driver driver);

// The status now.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_status(struct mesos_scheduler_driver driver,
                                           struct mesos_error **error);

// Starts the driver. When it cannot start, `error` is called on this thread, and the driver
// is aborted.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_start(struct mesos_scheduler_driver driver,
                                          struct mesos_error **error);

// Ends the driver, and the framework with its tasks unless `failover`. Does not wait. After an
// abort, returns MESOS_STATUS_ABORTED.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_stop(struct mesos_scheduler_driver driver,
                                         bool failover,
                                         struct mesos_error **error);

// Ends the callbacks; the framework and its tasks stay. Does not wait.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_abort(struct mesos_scheduler_driver driver,
                                          struct mesos_error **error);

// Waits until the driver is stopped or aborted and no callback runs. Inside of a callback, or
// before the start, returns at once.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_join(struct mesos_scheduler_driver driver,
                                         struct mesos_error **error);

// Start and then join.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_run(struct mesos_scheduler_driver driver,
                                        struct mesos_error **error);

// Request: asks the allocator for resources; the built-in one does not listen.
//
// # Safety
// `requests` has `requests_count` elements; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_request_resources(struct mesos_scheduler_driver driver,
                                                      const struct mesos_bytes *requests,
                                                      size_t requests_count,
                                                      struct mesos_error **error);

// OfferID, TaskInfo, Filters: launches tasks on offers of one agent. Without a master now,
// each task gets a TASK_LOST at once.
//
// # Safety
// The arrays have as many elements as said; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_launch_tasks(struct mesos_scheduler_driver driver,
                                                 const struct mesos_bytes *offer_ids,
                                                 size_t offer_ids_count,
                                                 const struct mesos_bytes *tasks,
                                                 size_t tasks_count,
                                                 struct mesos_bytes filters,
                                                 struct mesos_error **error);

// OfferID, Offer.Operation, Filters: applies operations to offers of one agent.
//
// # Safety
// The arrays have as many elements as said; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_accept_offers(struct mesos_scheduler_driver driver,
                                                  const struct mesos_bytes *offer_ids,
                                                  size_t offer_ids_count,
                                                  const struct mesos_bytes *operations,
                                                  size_t operations_count,
                                                  struct mesos_bytes filters,
                                                  struct mesos_error **error);

// OfferID, Filters: gives an offer back.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_decline_offer(struct mesos_scheduler_driver driver,
                                                  struct mesos_bytes offer_id,
                                                  struct mesos_bytes filters,
                                                  struct mesos_error **error);

// Wants offers for all roles of the framework again.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_revive_offers(struct mesos_scheduler_driver driver,
                                                  struct mesos_error **error);

// Wants offers for these roles again; without any, nothing happens.
//
// # Safety
// `roles` has `roles_count` elements; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_revive_offers_for_roles(struct mesos_scheduler_driver driver,
                                                            const struct mesos_bytes *roles,
                                                            size_t roles_count,
                                                            struct mesos_error **error);

// Wants no offers until it revives them.
//
// # Safety
// `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_suppress_offers(struct mesos_scheduler_driver driver,
                                                    struct mesos_error **error);

// Wants no offers for these roles; without any, nothing happens.
//
// # Safety
// `roles` has `roles_count` elements; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_suppress_offers_for_roles(struct mesos_scheduler_driver driver,
                                                              const struct mesos_bytes *roles,
                                                              size_t roles_count,
                                                              struct mesos_error **error);

// TaskID: stops a task.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_kill_task(struct mesos_scheduler_driver driver,
                                              struct mesos_bytes task_id,
                                              struct mesos_error **error);

// TaskStatus: acknowledges an update. With implicit acknowledgement, it is misuse and aborts
// the driver.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_acknowledge_status_update(struct mesos_scheduler_driver driver,
                                                              struct mesos_bytes status,
                                                              struct mesos_error **error);

// ExecutorID, SlaveID, and the message itself, which can be lost without a word.
//
// # Safety
// The bytes are readable; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_send_framework_message(struct mesos_scheduler_driver driver,
                                                           struct mesos_bytes executor_id,
                                                           struct mesos_bytes agent_id,
                                                           struct mesos_bytes data,
                                                           struct mesos_error **error);

// TaskStatus: asks for the latest state of these tasks; of all when there is none.
//
// # Safety
// `statuses` has `statuses_count` elements; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_reconcile_tasks(struct mesos_scheduler_driver driver,
                                                    const struct mesos_bytes *statuses,
                                                    size_t statuses_count,
                                                    struct mesos_error **error);

// FrameworkInfo with the framework's id, role names, scheduler.OfferConstraints (empty for
// none): replaces the three.
//
// # Safety
// `suppressed_roles` has as many elements as said; `error` is NULL or can be written to.
mesos_status mesos_scheduler_driver_update_framework(struct mesos_scheduler_driver driver,
                                                     struct mesos_bytes framework,
                                                     const struct mesos_bytes *suppressed_roles,
                                                     size_t suppressed_roles_count,
                                                     struct mesos_bytes offer_constraints,
                                                     struct mesos_error **error);

// The version of Mesos whose interfaces this library has, as "1.11.0". Static.
const char *mesos_version(void);

// The version of this C interface. It grows when something is added; what was there stays.
uint32_t mesos_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MESOS_H */
