/* Signing keys between database and key ring. */
#include "keys.h"

#include "secret.h"

#include "clock.h"
#include "token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERIFY_ON_S = 24 * 3600 };

static int64_t seconds_of(const char *text)
{
    return text ? strtoll(text, NULL, 10) : 0;
}

static bool fill_ring(struct arena *arena, const struct rows *rows)
{
    int count = rows_count(rows);
    struct key_record *records =
        arena_alloc(arena, sizeof *records * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        records[i] = (struct key_record){
            .kid = rows_text(rows, i, "kid"),
            .public_pem = rows_text(rows, i, "public_pem"),
            .private_sealed = rows_text(rows, i, "private_sealed"),
            .signs_from_s = seconds_of(rows_text(rows, i, "signs_from_s")),
            .verifies_until_s = seconds_of(rows_text(rows, i, "verifies_until_s"))};
    return token_set_keys(records, count);
}

static const char load_sql[] =
    "select kid, public_pem, private_sealed, "
    "extract(epoch from signs_from)::bigint as signs_from_s, "
    "extract(epoch from verifies_until)::bigint as verifies_until_s "
    "from auth.keys($1::timestamptz)";

static const char *now_text(struct arena *arena)
{
    return clock_format(clock_now_us(), arena_alloc(arena, CLOCK_TEXT));
}

/* A database without keys gets its first one; of several programs that try at once, one wins. It signs from ever on, so that
 * a clock set back in a rehearsal still finds it. */
static bool add_first_key(struct session *session, struct arena *arena)
{
    struct key_record key;
    token_generate_key(arena, &key);
    const char *values[] = {key.kid, key.public_pem, key.private_sealed,
                            "1970-01-01T00:00:00Z"};
    return session_exec(session, arena,
                        "select auth.add_first_key($1, $2, $3, $4::timestamptz)", 4,
                        values);
}

static const struct rows *read_keys(struct session *session, struct arena *arena,
                                    bool may_add)
{
    const char *values[] = {now_text(arena)};
    const struct rows *rows = session_exec(session, arena, load_sql, 1, values);
    if (!rows || rows_count(rows) > 0 || !may_add)
        return rows;
    return add_first_key(session, arena)
               ? session_exec(session, arena, load_sql, 1, values)
               : NULL;
}

bool keys_load(const char *conninfo, const struct session_limits *limits, bool may_add,
               const char **ret_error)
{
    static _Thread_local char message[200];
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct session *session = session_open_limited(arena, conninfo, NULL, limits, &error);
    const struct rows *rows = session ? read_keys(session, arena, may_add) : NULL;
    bool done = rows && fill_ring(arena, rows);
    if (!done) {
        const char *why = !session ? error
                          : !rows
                              ? session_error(session)->message
                              : "a key does not open: another MEGURI_SECRET_FILE made it";
        (void)snprintf(message, sizeof message, "%s", why ? why : "unknown");
        *ret_error = message;
    }
    session_close(session);
    arena_destroy(arena);
    return done;
}

const char *keys_rotate(struct session *session, struct arena *arena, int64_t delay_s)
{
    struct key_record key;
    token_generate_key(arena, &key);
    int64_t from_us = clock_now_us() + delay_s * 1000000;
    const char *from = clock_format(from_us, arena_alloc(arena, CLOCK_TEXT));
    const char *until = clock_format(from_us + (int64_t)VERIFY_ON_S * 1000000,
                                     arena_alloc(arena, CLOCK_TEXT));
    const char *values[] = {key.kid,         key.public_pem, key.private_sealed,
                            now_text(arena), from,           until};
    const struct rows *rows =
        session_exec(session, arena,
                     "select auth.add_key($1, $2, $3, $4::timestamptz, $5::timestamptz, "
                     "$6::timestamptz)",
                     6, values);
    return rows ? key.kid : NULL;
}

static bool reseal_key(struct session *session, struct arena *arena, const char *kid,
                       const char *sealed)
{
    size_t len = 0;
    const char *opened = secret_open(arena, TOKEN_KEY_PURPOSE, sealed, &len);
    if (!opened)
        return false;
    const char *values[] = {kid, sealed,
                            secret_seal(arena, TOKEN_KEY_PURPOSE, opened, len)};
    return session_exec(session, arena, "select auth.reseal_key($1, $2, $3)", 3, values);
}

int keys_reseal(struct session *session, struct arena *arena)
{
    const struct rows *rows =
        session_exec(session, arena, "select * from auth.list_sealed_keys()", 0, NULL);
    bool good = rows != NULL;
    for (int i = 0; good && i < rows_count(rows); i++)
        good = reseal_key(session, arena, rows_text(rows, i, "kid"),
                          rows_text(rows, i, "private_sealed"));
    return good ? rows_count(rows) : -1;
}
