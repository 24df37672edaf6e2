/* From the digest of the API to the values of its mail. */
#include "digest.h"

#include <stdbool.h>
#include <string.h>

static json_t *parsed(const struct rows *rows, const char *name)
{
    return json_loads(rows_text(rows, 0, name), 0, NULL);
}

/* A client may have no English name. */
static void name_client(json_t *item, bool english)
{
    json_t *name = json_object_get(item, "client_name_en");
    if (english && json_is_string(name))
        json_object_set(item, "client_name", name);
    json_object_del(item, "client_name_en");
}

/* Each item gets its title and its client's name in the reader's language. */
static json_t *items(const struct rows *rows, const char *part, bool english)
{
    json_t *list = parsed(rows, part), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        json_t *title = json_object_get(item, english ? "title_en" : "title_ja");
        if (title)
            json_object_set(item, "title", title);
        name_client(item, english);
    }
    return list;
}

json_t *digest_values(const struct rows *rows, const char *language)
{
    static const char *const parts[] = {"overdue", "this_week", "next_30_days", "audits",
                                        "findings"};
    enum { NAME = 40 };
    char name[NAME];
    bool english = strcmp(language, "en") == 0;
    json_t *values = json_object(), *counts = parsed(rows, "counts");
    json_object_set_new(values, "on", json_string(rows_text(rows, 0, "on")));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        json_t *list = items(rows, parts[i], english);
        json_int_t count = json_integer_value(json_object_get(counts, parts[i]));
        json_int_t more = count - (json_int_t)json_array_size(list);
        json_object_set_new(values, parts[i], list);
        (void)snprintf(name, sizeof name, "%s_count", parts[i]);
        json_object_set_new(values, name, json_integer(count));
        (void)snprintf(name, sizeof name, "more_%s", parts[i]);
        json_object_set_new(values, name, more > 0 ? json_integer(more) : json_null());
    }
    json_decref(counts);
    return values;
}
