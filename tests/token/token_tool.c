/* Our tokens from outside: one JSON object per line in, one out.
 *   token_tool <secret file> <issuer> <audience>
 *   {"do":"generate"}                        -> {"kid", "public_pem"}; the key signs from now on
 *   {"do":"trust", "kid":.., "pem":..}       -> {"ok": bool}; one more key that verifies
 *   {"do":"issue", "claims":{..}}            -> {"token"}
 *   {"do":"verify", "token":..}              -> {"verdict", "sub", ...}
 *   {"do":"jwks"}                            -> the key set */
#include "api/clock.h"
#include "api/secret.h"
#include "api/token.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 16 };

static struct key_record keys[KEYS];
static int key_count;
static struct arena *arena; /* lives as long as the process */

static const char *text(const json_t *in, const char *name)
{
    return arena_strdup(arena, json_string_value(json_object_get(in, name)));
}

static int64_t number(const json_t *in, const char *name)
{
    return json_integer_value(json_object_get(in, name));
}

static bool add_key(const struct key_record *record)
{
    if (key_count == KEYS)
        return false;
    keys[key_count] = *record;
    bool taken = token_set_keys(keys, key_count + 1);
    key_count += taken;
    return taken;
}

static json_t *generate(const json_t *in)
{
    struct key_record record;
    (void)in;
    token_generate_key(arena, &record);
    if (!add_key(&record))
        return NULL;
    return json_pack("{ss ss}", "kid", record.kid, "public_pem", record.public_pem);
}

static json_t *trust(const json_t *in)
{
    struct key_record record = {.kid = text(in, "kid"), .public_pem = text(in, "pem")};
    return json_pack("{sb}", "ok", add_key(&record));
}

static json_t *issue(const json_t *in)
{
    const json_t *given = json_object_get(in, "claims");
    struct claims claims = {.subject = text(given, "sub"),
                            .consultancy = text(given, "consultancy"),
                            .session = text(given, "sid"),
                            .client_id = text(given, "client_id"),
                            .scope = text(given, "scope"),
                            .jti = text(given, "jti"),
                            .issued_s = number(given, "iat"),
                            .not_before_s = number(given, "nbf"),
                            .expires_s = number(given, "exp")};
    return json_pack("{ss?}", "token", token_issue(arena, &claims));
}

static json_t *verify(const json_t *in)
{
    static const char *const names[] = {"ok", "invalid", "expired", "unknown_key"};
    struct claims claims = {0};
    const char *token = text(in, "token");
    enum token_verdict verdict = token_verify(arena, token, strlen(token), &claims);
    return json_pack("{ss ss? ss? ss? ss? ss? ss? sI sI sI}", "verdict", names[verdict],
                     "sub", claims.subject, "consultancy", claims.consultancy, "sid",
                     claims.session, "client_id", claims.client_id, "scope", claims.scope,
                     "jti", claims.jti, "iat", (json_int_t)claims.issued_s, "nbf",
                     (json_int_t)claims.not_before_s, "exp",
                     (json_int_t)claims.expires_s);
}

static json_t *jwks(const json_t *in)
{
    _text_auto_ struct text out = {0};
    (void)in;
    token_write_jwks(&out);
    return json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
}

static const struct {
    const char *name;
    json_t *(*run)(const json_t *in);
} commands[] = {
    {"generate", generate}, {"trust", trust}, {"issue", issue},
    {"verify", verify},     {"jwks", jwks},
};

static json_t *answer(const char *line)
{
    json_t *out = NULL, *in = json_loads(line, 0, NULL);
    const char *name = json_string_value(json_object_get(in, "do"));
    for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            out = commands[i].run(in);
    json_decref(in);
    return out;
}

int main(int argc, char **argv)
{
    if (argc != 4 || !clock_init(NULL))
        return EXIT_FAILURE;
    char *line = NULL;
    size_t room = 0;
    arena = arena_new();
    secret_init(argv[1], NULL);
    token_init(argv[2], argv[3]);
    while (getline(&line, &room, stdin) > 0) {
        json_t *out = answer(line);
        if (!out || json_dumpf(out, stdout, JSON_COMPACT) || puts("") < 0 ||
            fflush(stdout))
            return EXIT_FAILURE;
        json_decref(out);
    }
    free(line);
    token_set_keys(NULL, 0);
    arena_destroy(arena);
    return EXIT_SUCCESS;
}
