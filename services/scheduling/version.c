/* If-Match against a row that was read. */
#include "services/scheduling/version.h"

#include <string.h>

bool version_fits(struct request *rq, const char *version)
{
    const char *wanted = request_value(rq, "if_match", NULL);
    if (!wanted || strcmp(wanted, version) == 0)
        return true;
    request_reply_header(rq, "ETag", arena_printf(rq->arena, "\"v%s\"", version));
    return refuse(rq, PROBLEM_PRECONDITION_FAILED, NULL, NULL);
}
