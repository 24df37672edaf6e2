/* If-Match where the row is read before it is written. */
#ifndef MEGURI_SCHEDULING_VERSION_H
#define MEGURI_SCHEDULING_VERSION_H

#include "api/request.h"

/* False with 412 and the present ETag when the request is based on another version; `*` fits any. */
bool version_fits(struct request *rq, const char *version);

#endif
