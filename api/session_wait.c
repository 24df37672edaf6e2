/* Waiting for a socket in steps, so that a deadline and the end of the program are seen. */
#include "session_wait.h"
#include "clock.h"
#include "db_settings.h"

#include <poll.h>

enum { CONNECT_MS = 10000, STEP_MS = 50 };

static bool given_up(const struct session_limits *limits, int64_t until_ms)
{
    if (until_ms > 0 && clock_monotonic_ms() >= until_ms)
        return true;
    return limits->give_up && limits->give_up(limits->arg);
}

/* false: given up. Errors of the socket are libpq's to find. */
static bool wait_for(int fd, short events, const struct session_limits *limits,
                     int64_t until_ms)
{
    struct pollfd poller = {.fd = fd, .events = events};
    while (poll(&poller, 1, STEP_MS) == 0) {
        if (given_up(limits, until_ms))
            return false;
    }
    return true;
}

PGconn *session_wait_connect(const char *conninfo, const struct session_limits *limits,
                             bool *ret_timely)
{
    struct db_parameters parameters = db_parameters_of(conninfo, "meguri-job");
    PGconn *pg = PQconnectStartParams(parameters.keywords, parameters.values, 1);
    int64_t until_ms = clock_monotonic_ms() + CONNECT_MS;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    *ret_timely = true;
    if (PQstatus(pg) == CONNECTION_BAD)
        return pg;
    while (*ret_timely && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        *ret_timely =
            wait_for(PQsocket(pg), next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                     limits, until_ms);
        if (*ret_timely)
            next = PQconnectPoll(pg);
    }
    PQsetnonblocking(pg, 1);
    return pg;
}

/* libpq reads while it waits to write, so both are waited for. */
static bool wait_answer(PGconn *pg, const struct session_limits *limits, int64_t until_ms)
{
    int left = PQflush(pg);
    while (left == 1 || PQisBusy(pg)) {
        short events = left == 1 ? POLLIN | POLLOUT : POLLIN;
        if (!wait_for(PQsocket(pg), events, limits, until_ms))
            return false;
        if (!PQconsumeInput(pg))
            return true; /* the next result says why */
        left = left == 1 ? PQflush(pg) : left;
    }
    return true;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
           status == PGRES_COPY_BOTH;
}

PGresult *session_wait_result(PGconn *pg, int sent, const struct session_limits *limits,
                              bool *ret_timely)
{
    int64_t until_ms =
        limits->answer_ms > 0 ? clock_monotonic_ms() + limits->answer_ms : 0;
    PGresult *last = NULL, *result = NULL;
    *ret_timely = true;
    while (sent && !is_copy(last)) {
        *ret_timely = wait_answer(pg, limits, until_ms);
        result = *ret_timely ? PQgetResult(pg) : NULL;
        if (!result)
            break;
        PQclear(last);
        last = result;
    }
    return last;
}
