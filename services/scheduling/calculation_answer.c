/* Members of an answer. A failed allocation leaves a member out; jansson then hands back
 * what it could build. */
#include "services/scheduling/calculation_answer.h"

static void put(const struct answer *answer, const char *name, json_t *value)
{
    json_object_set_new(answer->object, name, value);
}

static json_t *date_value(const struct answer *answer, struct civil date, size_t length)
{
    char text[CIVIL_TEXT_SIZE];

    if (civil_is_none(date))
        return json_null();
    if (!civil_in_range(date))
        *answer->out_of_range = true;
    civil_format(date, text);
    return json_stringn(text, length);
}

void answer_date(const struct answer *answer, const char *name, struct civil date)
{
    put(answer, name, date_value(answer, date, CIVIL_TEXT_SIZE - 1));
}

void answer_month(const struct answer *answer, const char *name, struct civil month)
{
    put(answer, name, date_value(answer, month, CIVIL_TEXT_SIZE - 4));
}

void answer_bool(const struct answer *answer, const char *name, bool value)
{
    put(answer, name, json_boolean(value));
}

void answer_integer(const struct answer *answer, const char *name, int64_t value)
{
    put(answer, name, json_integer(value));
}

void answer_text(const struct answer *answer, const char *name, const char *text)
{
    put(answer, name, text == NULL ? json_null() : json_string(text));
}

void answer_null(const struct answer *answer, const char *name)
{
    put(answer, name, json_null());
}

void answer_half_days(const struct answer *answer, const char *name, int half_days)
{
    put(answer, name,
        half_days % 2 == 0 ? json_integer(half_days / 2) : json_real(half_days / 2.0));
}

void answer_percent(const struct answer *answer, const char *name, int64_t thousandths)
{
    put(answer, name,
        thousandths % 1000 == 0 ? json_integer(thousandths / 1000)
                                : json_real((double)thousandths / 1000));
}

json_t *answer_list(const struct answer *answer, const char *name)
{
    put(answer, name, json_array());
    return json_object_get(answer->object, name);
}

struct answer answer_item(const struct answer *answer, json_t *list)
{
    json_array_append_new(list, json_object());
    return (struct answer){json_array_get(list, json_array_size(list) - 1),
                           answer->out_of_range};
}

struct answer answer_object(const struct answer *answer, const char *name)
{
    put(answer, name, json_object());
    return (struct answer){json_object_get(answer->object, name), answer->out_of_range};
}

void answer_list_date(const struct answer *answer, json_t *list, struct civil date)
{
    json_array_append_new(list, date_value(answer, date, CIVIL_TEXT_SIZE - 1));
}
