/* Files that the programs carry in themselves; the tables are made at build by deploy/build/. All text is UTF-8,
 * constant, and followed by a NUL that len does not count. */
#ifndef MEGURI_EMBEDDED_H
#define MEGURI_EMBEDDED_H

#include <stddef.h>

/* openapi.yaml as compact JSON, members in the order of the file; len 0 when it was missing at build. */
extern const unsigned char contract_json[];
extern const size_t contract_json_len;

/* One services/<service>/<resource>.sql. */
struct embedded_file {
    const char *service; /* "tenants" */
    const char *path;    /* "services/tenants/clients.sql" */
    const char *text;
    size_t len;
};

/* Sorted by path; ends with service == NULL. */
extern const struct embedded_file embedded_statements[];

/* One migrations/<number>_<name>.sql. */
struct embedded_migration {
    const char *path; /* "migrations/0001_tenancy.sql" */
    const char *text;
    size_t len;
    const char *sha256; /* of the text, 64 lower-case hex digits */
};

/* Sorted by path, which is the order to apply them; ends with path == NULL. */
extern const struct embedded_migration embedded_migrations[];

/* One services/<service>/catalogues/<name>.json: reference data that `meguri migrate` loads (reference.h). */
struct embedded_reference {
    const char *service; /* "registers" */
    const char *path;    /* "services/registers/catalogues/threats.json" */
    const char *text;
    const char *sha256; /* of the text, 64 lower-case hex digits */
};

/* Sorted by path; ends with service == NULL. */
extern const struct embedded_reference embedded_references[];

#endif
