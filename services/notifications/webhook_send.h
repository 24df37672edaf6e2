/* Many HTTP posts to strangers at once by libcurl: bounded in time, in bytes and in number per receiver; never to an address that the guard (ssrf.h)
 * refuses, never through a proxy, never along a redirect. One thread at a time. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_SEND_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_SEND_H

#include "api/arena.h"
#include "api/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum webhook_result {
    WEBHOOK_UNTRIED, /* not sent: the receiver rests, an earlier call failed, or the program stops */
    WEBHOOK_DELIVERED, /* 2xx */
    WEBHOOK_FAILED,    /* any other answer, or none */
    WEBHOOK_GONE       /* 410: the receiver wants no more */
};

/* One receiver. */
struct webhook_target {
    const char *url;
    /* -- set by the sender -- */
    bool
        resting; /* no further call in this batch: unreachable, 429, 503 or Retry-After */
    int in_flight;
    int delivered, failed;
    bool gone;
    long retry_after_s; /* as it asked; 0 = it did not */
    const char *error;  /* of its last failure */
};

struct webhook_call {
    struct webhook_target *target;
    const char *id; /* webhook-id; NULL = no headers of Standard Webhooks */
    int64_t timestamp_s;
    const char *signature;
    const char *body; /* JSON */
    size_t len;
    struct webhook_call *after; /* must be delivered before this one; NULL = none */
    /* -- set by the sender -- */
    enum webhook_result result;
    bool finished;
    long status; /* HTTP; 0 = no answer */
    long latency_ms;
    long retry_after_s;
    const char *
        detail; /* beginning of the reply, or what the network said; in the arena of the sender */
};

struct webhook_sender;

/* Once per process, before threads: reads MEGURI_WEBHOOK_*; ends the program when they are no good. */
void webhook_send_init(const struct config *config);
/* May the operator's settings ever let us connect this address (text without brackets) and port? */
bool webhook_address_allowed(const char *address, uint16_t port);

/* Ends with the arena; keeps its connections until then. */
struct webhook_sender *webhook_sender_new(struct arena *arena);

/* Sends all calls; at most 64 at once, 16 of one target, 10 s each. finished(arg, call) after each one that was tried. Returns when all are
 * finished or left untried; soon after *stopping became true. */
void webhook_send(struct webhook_sender *sender, struct webhook_call *calls, int count,
                  const bool *stopping,
                  void (*finished)(void *arg, struct webhook_call *call), void *arg);

#endif
