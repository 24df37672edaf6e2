/* Forward-only migrations: migrations/NNNN_name.sql embedded at build, applied in order, each in its own transaction, under an advisory lock,
 * recorded with SHA-256 in platform.migrations. A file that changed after it was applied, or a gap, is refused with its name.
 * The runner makes the schema platform itself, so a migration says `create schema if not exists platform`; a migration
 * holds no begin or commit of its own. After the migrations the reference data is loaded (reference.h). */
#ifndef MEGURI_MIGRATE_H
#define MEGURI_MIGRATE_H

#include <stdbool.h>

struct embedded_migration;

/* Prints what it applies to standard output; false after printing what failed and what to do. */
bool migrate_run(const char *conninfo);
/* The migrations alone, from any list (sorted by path, ends with path NULL). */
bool migrate_list(const char *conninfo, const struct embedded_migration *list);

#endif
