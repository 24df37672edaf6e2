/* Blocking use of libpq that always ends: a server that is stopped or unreachable without closing its connections would hold a thread
 * for ever otherwise. Private to session.c. */
#ifndef MEGURI_SESSION_WAIT_H
#define MEGURI_SESSION_WAIT_H

#include "session.h"

#include <libpq-fe.h>

/* Never NULL but for lack of memory; PQstatus tells. *ret_timely false: given up, the connection is useless. */
PGconn *session_wait_connect(const char *conninfo, const struct session_limits *limits,
                             bool *ret_timely);
/* The last result of what was just sent (`sent`: what PQsend... said). *ret_timely false: no answer in time. */
PGresult *session_wait_result(PGconn *pg, int sent, const struct session_limits *limits,
                              bool *ret_timely);

#endif
