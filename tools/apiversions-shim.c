// apiversions-shim LISTEN_PORT BROKER_PORT: a TCP proxy on 127.0.0.1 for a broker that cannot say "not this version".
//
// A Kafka client opens a connection by asking which versions of each request the broker knows (ApiVersions, key 18),
// and asks in the newest form it knows itself. A broker that does not know that form has to answer error 35
// (UNSUPPORTED_VERSION) in the oldest form, with one entry for key 18; the client then asks again with version 0.
// Some brokers close the connection instead, and librdkafka before 2.2 makes nothing of that. This proxy gives the
// right answer in their place: to the first request of a connection, if it is ApiVersions of version 1 or later.
// Everything else passes unchanged, in both directions.

#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    size_bytes = 4,
    head_bytes = 8, // key, version, correlation id: what every request begins with after its size
    api_versions_key = 18,
    unsupported_version = 35,
    longest_api_versions = 64 * 1024, // a client's name and version; more is no such request
};

static uint16_t broker_port;

static struct sockaddr_in loopback(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static bool read_all(int from, uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = recv(from, bytes, count, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes += n;
        count -= (size_t)n;
    }
    return true;
}

static bool write_all(int to, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = send(to, bytes, count, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes += n;
        count -= (size_t)n;
    }
    return true;
}

static bool discard(int from, size_t count) {
    uint8_t rest[512];
    while (count > 0) {
        size_t part = count < sizeof rest ? count : sizeof rest;
        if (!read_all(from, rest, part)) return false;
        count -= part;
    }
    return true;
}

/// Reads the head of the first request. Answers it if the broker could not, else hands it on.
static bool open_conversation(int client, int broker) {
    uint8_t head[size_bytes + head_bytes];
    if (!read_all(client, head, sizeof head)) return false;
    uint32_t size = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    int key = head[4] << 8 | head[5], version = head[6] << 8 | head[7];
    if (key != api_versions_key || version == 0) return write_all(broker, head, sizeof head);

    if (size < head_bytes || size > longest_api_versions || !discard(client, size - head_bytes)) return false;
    const uint8_t answer[] = {
        0, 0, 0, 16,                           // the size of what follows
        head[8], head[9], head[10], head[11],  // the correlation id of the request
        0, unsupported_version, 0, 0, 0, 1,    // the error, and one entry:
        0, api_versions_key, 0, 0, 0, 0,       // its key, from version 0 to version 0
    };
    return write_all(client, answer, sizeof answer);
}

/// Copies what has arrived. False when this direction has ended; the end is passed on too.
static bool pass(int from, int to) {
    uint8_t bytes[64 * 1024];
    ssize_t n = recv(from, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) return true;
    if (n > 0 && write_all(to, bytes, (size_t)n)) return true;
    shutdown(to, SHUT_WR);
    return false;
}

static void converse(int client, int broker) {
    struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = broker, .events = POLLIN}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (ends[0].fd >= 0 && ends[0].revents != 0 && !pass(client, broker)) ends[0].fd = -1;
        if (ends[1].fd >= 0 && ends[1].revents != 0 && !pass(broker, client)) return;
    }
}

static void *serve(void *argument) {
    int client = (int)(intptr_t)argument, broker = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = loopback(broker_port);
    if (broker >= 0 && connect(broker, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(broker, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (open_conversation(client, broker)) converse(client, broker);
    }
    if (broker >= 0) close(broker);
    close(client);
    return NULL;
}

/// A whole number from 1 to 65535, or 0.
static uint16_t parse_port(const char *text) {
    char *end = NULL;
    long value = strtol(text, &end, 10);
    return *text != '\0' && *end == '\0' && value >= 1 && value <= UINT16_MAX ? (uint16_t)value : 0;
}

int main(int count, char **arguments) {
    uint16_t port = count == 3 ? parse_port(arguments[1]) : 0;
    broker_port = count == 3 ? parse_port(arguments[2]) : 0;
    if (port == 0 || broker_port == 0) {
        fprintf(stderr, "usage: apiversions-shim LISTEN_PORT BROKER_PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = loopback(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 128) != 0) {
        perror("apiversions-shim: listen");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
                poll(NULL, 0, 100); // until a conversation ends
                continue;
            }
            perror("apiversions-shim: accept");
            return 1;
        }
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0) {
            pthread_detach(thread);
        } else {
            close(client);
        }
    }
}
