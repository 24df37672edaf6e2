/* Forward-only migrations: migrations/NNNN_name.sql embedded at build, applied in order, each in its own transaction, under an advisory lock,
 * recorded with SHA-256 in platform.migrations. A file that changed after it was applied, or a gap, is refused with its name. */
#ifndef MEGURI_MIGRATE_H
#define MEGURI_MIGRATE_H

#include <stdbool.h>

/* Prints what it applies to standard output; false after printing what failed and what to do. */
bool migrate_run(const char *conninfo);

#endif
