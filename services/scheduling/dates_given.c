/* A request's dates. */
#include "services/scheduling/dates_given.h"

#include "services/scheduling/plan.h"

struct civil date_merged(const struct request *rq, const struct rows *rows,
                         const char *name)
{
    const json_t *given = request_member(rq, name);
    const char *text = given                      ? json_string_value(given)
                       : rows && rows_count(rows) ? rows_text(rows, 0, name)
                                                  : NULL;
    struct civil date;
    return text && civil_parse(text, &date) ? date : CIVIL_NONE;
}

bool date_is_past(struct request *rq, struct civil date, const char *pointer)
{
    if (civil_is_none(date) || !civil_before(plan_today(rq), date))
        return true;
    return refuse_field(rq, pointer, "after_end", "today");
}
