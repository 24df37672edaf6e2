/* Every rule as a stateless call: the path's last segment names the operation of calculations.h, the body is its `given`. */
#include "operations.h"

#include "calculations.h"

#include <string.h>

static bool refuse_errors(struct request *rq, const struct calculation_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        refuse_field(rq, errors->items[i].pointer, errors->items[i].code, NULL);
    return false;
}

static bool calculate_reply(struct request *rq)
{
    struct calculation_errors errors = {0};
    const char *name = strrchr(rq->operation->path, '/') + 1;
    json_t *answer = calculate(name, rq->body, &errors);
    if (answer)
        request_reply_json(rq, answer);
    else if (errors.count > 0)
        return refuse_errors(rq, &errors);
    else
        return refuse(rq, PROBLEM_INTERNAL, NULL, NULL);
    return true;
}

const struct step calculation_steps[] = {{.compute = calculate_reply}, {0}};
