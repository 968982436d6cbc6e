// What the importer cannot see by itself: macros with casts become constants, and the array form of produce gets a
// fixed shape. Nothing here decides anything.
#ifndef CRDKAFKA_SHIM_H
#define CRDKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

static const int crdkafka_msg_f_copy = RD_KAFKA_MSG_F_COPY;
static const int crdkafka_purge_f_queue = RD_KAFKA_PURGE_F_QUEUE;
static const int crdkafka_purge_f_inflight = RD_KAFKA_PURGE_F_INFLIGHT;
static const int crdkafka_purge_f_non_blocking = RD_KAFKA_PURGE_F_NON_BLOCKING;
static const int32_t crdkafka_partition_ua = RD_KAFKA_PARTITION_UA;
static const int64_t crdkafka_offset_beginning = RD_KAFKA_OFFSET_BEGINNING;
static const int64_t crdkafka_offset_end = RD_KAFKA_OFFSET_END;
static const int64_t crdkafka_offset_stored = RD_KAFKA_OFFSET_STORED;
static const int64_t crdkafka_offset_invalid = RD_KAFKA_OFFSET_INVALID;

// rd_kafka_produceva with the eight parts every message has. A timestamp of 0 means now; headers may be NULL and belong
// to librdkafka only when NULL is returned.
static inline rd_kafka_error_t *crdkafka_produce(
    rd_kafka_t *client, rd_kafka_topic_t *topic, int32_t partition,
    const void *key, size_t key_size, const void *value, size_t value_size,
    int64_t timestamp, rd_kafka_headers_t *headers, void *opaque) {
    rd_kafka_vu_t parts[8];
    size_t count = 0;
    parts[count].vtype = RD_KAFKA_VTYPE_RKT;
    parts[count++].u.rkt = topic;
    parts[count].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[count++].u.i32 = partition;
    parts[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[count++].u.i = RD_KAFKA_MSG_F_COPY;
    parts[count].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[count].u.mem.ptr = (void *)value;
    parts[count++].u.mem.size = value_size;
    parts[count].vtype = RD_KAFKA_VTYPE_KEY;
    parts[count].u.mem.ptr = (void *)key;
    parts[count++].u.mem.size = key_size;
    parts[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    parts[count++].u.i64 = timestamp;
    parts[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[count++].u.ptr = opaque;
    if (headers) {
        parts[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[count++].u.headers = headers;
    }
    return rd_kafka_produceva(client, parts, count);
}

#endif
