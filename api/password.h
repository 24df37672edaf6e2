/* argon2id passwords (RFC 9106 second recommended set scaled to a small server: m=19 MiB, t=2, p=1). Slow by intent: worker pool only. */
#ifndef MEGURI_PASSWORD_H
#define MEGURI_PASSWORD_H

#include "arena.h"

#include <stdbool.h>

/* Encoded hash "$argon2id$v=19$..." in the arena. */
char *password_hash(struct arena *arena, const char *password);
/* encoded NULL = unknown user: spends the same time and answers false. So does a stored hash that is not argon2id or asks for
 * more than 64 MiB, 8 passes or 4 lanes. */
bool password_verify(const char *encoded, const char *password);
/* A random one-time password, about 100 bits, easy to type (groups of letters and digits). */
char *password_generate(struct arena *arena);

#endif
