// SPDX-License-Identifier: Apache-2.0
//
// Just enough protobuf for the test programs: fields of bytes and numbers, in and out.

#ifndef WIRE_H
#define WIRE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mesos.h"

// A message that is being written. It has to fit.
typedef struct {
    uint8_t data[8192];
    size_t len;
} message;

static inline mesos_bytes view(const message *it) {
    return (mesos_bytes){it->data, it->len};
}

static inline mesos_bytes text_bytes(const char *text) {
    return (mesos_bytes){(const uint8_t *)text, strlen(text)};
}

static inline void put_varint(message *to, uint64_t value) {
    do {
        assert(to->len < sizeof to->data);
        to->data[to->len++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value != 0);
}

static inline void put_number(message *to, uint32_t field, uint64_t value) {
    put_varint(to, (uint64_t)field << 3);
    put_varint(to, value);
}

static inline void put_bytes(message *to, uint32_t field, mesos_bytes bytes) {
    put_varint(to, ((uint64_t)field << 3) | 2);
    put_varint(to, bytes.len);
    assert(to->len + bytes.len <= sizeof to->data);
    if (bytes.len != 0) {
        memcpy(to->data + to->len, bytes.data, bytes.len);
    }
    to->len += bytes.len;
}

static inline void put_text(message *to, uint32_t field, const char *text) {
    put_bytes(to, field, text_bytes(text));
}

// An id: a message with nothing but a text.
static inline message id_of(const char *value) {
    message id = {.len = 0};
    put_text(&id, 1, value);
    return id;
}

static inline uint64_t take_varint(mesos_bytes *from) {
    uint64_t value = 0;
    for (int shift = 0; from->len != 0; shift += 7) {
        uint8_t byte = *from->data++;
        from->len--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            break;
        }
    }
    return value;
}

// Takes the next field; `bytes` is set for fields of bytes, `number` for numbers.
static inline bool take_field(mesos_bytes *from, uint32_t *field, mesos_bytes *bytes,
                              uint64_t *number) {
    if (from->len == 0) {
        return false;
    }
    uint64_t tag = take_varint(from);
    size_t skipped = 0;
    *field = (uint32_t)(tag >> 3);
    *bytes = (mesos_bytes){NULL, 0};
    *number = 0;
    switch (tag & 7) {
    case 0:
        *number = take_varint(from);
        break;
    case 1:
        skipped = 8;
        break;
    case 2:
        skipped = take_varint(from);
        *bytes = (mesos_bytes){from->data, skipped};
        break;
    case 5:
        skipped = 4;
        break;
    default:
        assert(!"a field of an unknown kind");
    }
    assert(skipped <= from->len);
    from->data += skipped;
    from->len -= skipped;
    return true;
}

// The first field of bytes with this number; empty if there is none.
static inline mesos_bytes field_bytes(mesos_bytes from, uint32_t wanted) {
    uint32_t field;
    mesos_bytes bytes;
    uint64_t number;
    while (take_field(&from, &field, &bytes, &number)) {
        if (field == wanted) {
            return bytes;
        }
    }
    return (mesos_bytes){NULL, 0};
}

// The last number with this field number; 0 if there is none.
static inline uint64_t field_number(mesos_bytes from, uint32_t wanted) {
    uint32_t field;
    mesos_bytes bytes;
    uint64_t number, found = 0;
    while (take_field(&from, &field, &bytes, &number)) {
        if (field == wanted) {
            found = number;
        }
    }
    return found;
}

#endif
