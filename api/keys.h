/* Signing keys between database and key ring. Private keys lie in the database sealed with MEGURI_SECRET_FILE. */
#ifndef MEGURI_KEYS_H
#define MEGURI_KEYS_H

#include "session.h"

#include <stdbool.h>

/* Reads the signing keys into the ring of token.h; with may_add a database without any gets its first. false with *ret_error (static text until the
 * next call on this thread). limits: how long to wait for the database. */
bool keys_load(const char *conninfo, const struct session_limits *limits, bool may_add,
               const char **ret_error);

/* Makes a new key that signs from now + delay_s on (others verify it by then); the ones before verify for a day longer.
 * Returns the kid in the arena, NULL on failure (session_error). */
const char *keys_rotate(struct session *session, struct arena *arena, int64_t delay_s);

/* Seals every private key anew with the present secret. Number of keys; -1: one does not open, or the session failed. */
int keys_reseal(struct session *session, struct arena *arena);

#endif
