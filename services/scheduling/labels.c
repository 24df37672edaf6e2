/* GET /v1/labels */
#include "services/scheduling/labels.h"

#include <string.h>

static json_t *set_json(const char *set, json_t *values)
{
    return json_pack("{s:s, s:o}", "set", set, "values", values);
}

static void add_table(const struct label *table, const char *only, json_t *list)
{
    json_t *values = NULL;
    const char *set = "";
    for (const struct label *label = table; label->set; label++) {
        if (only && strcmp(label->set, only) != 0)
            continue;
        if (strcmp(set, label->set) != 0) {
            set = label->set;
            values = json_array();
            json_array_append_new(list, set_json(set, values));
        }
        json_array_append_new(values, json_pack("{s:s, s:s, s:s}", "value", label->value,
                                                "ja", label->ja, "en", label->en));
    }
}

static bool labels_answer(struct request *rq)
{
    json_t *list = json_array();
    const char *only = request_parameter(rq, "set");
    add_table(labels_of_life, only, list);
    add_table(labels_of_work, only, list);
    add_table(labels_of_scope, only, list);
    request_reply_json(rq, json_pack("{s:o}", "data", list));
    return true;
}

const struct step labels_steps[] = {{.compute = labels_answer}, {0}};
