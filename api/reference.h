/* Reference data, the same for every consultancy: each file services/<service>/catalogues/<name>.json is handed to the function
 * <service>.load_catalogue(document text, digest text) of the database, which answers true when it took it and false when it has
 * this very file already. Loading twice changes nothing. A published version whose content differs is refused by the function: a
 * change is a new version, the old ones stay. */
#ifndef MEGURI_REFERENCE_H
#define MEGURI_REFERENCE_H

#include <stdbool.h>

struct embedded_reference;

/* All files of the list (ends with service NULL) in one transaction, with the owner's rights. Prints what it loads to standard
 * output; false after printing what failed and what to do. */
bool reference_load(const char *conninfo, const struct embedded_reference *list);

#endif
