/* Finds the operation, reads its facts, applies its rule and says why. */
#include "services/scheduling/calculations.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "services/scheduling/calculation_answer.h"
#include "services/scheduling/calculation_fields.h"
#include "services/scheduling/rules/rule.h"

static const struct calculation *const topics[] = {
    calendar_calculations, cycle_calculations,  initial_calculations, recert_calculations,
    body_calculations,     change_calculations, plan_calculations,
};

static bool same_name(const char *op, const char *asked)
{
    for (; *op != '\0' && *asked != '\0'; op++, asked++) {
        if (*op != *asked && !(*op == '_' && *asked == '-'))
            return false;
    }
    return *op == *asked;
}

static const struct calculation *find_calculation(const char *op)
{
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        for (const struct calculation *row = topics[i]; row->op != NULL; row++) {
            if (same_name(row->op, op))
                return row;
        }
    }
    return NULL;
}

static void write_rules(const struct calculation *calculation, const struct answer *why)
{
    json_t *list = answer_list(why, "rules");

    for (const char *const *id = calculation->rules; *id != NULL; id++) {
        struct answer item = answer_item(why, list);
        const struct rule *rule = rule_find(*id);
        answer_text(&item, "id", *id);
        answer_text(&item, "kind", rule == NULL ? NULL : rule->kind);
        answer_text(&item, "source", rule == NULL ? NULL : rule->source);
    }
}

static void write_why(const struct calculation *calculation, const void *facts,
                      const struct answer *answer)
{
    struct answer why = answer_object(answer, "why");

    write_rules(calculation, &why);
    json_object_set_new(
        why.object, "inputs",
        fields_write(calculation->fields, calculation->field_count, facts, false));
    json_object_set_new(
        why.object, "policy",
        fields_write(calculation->fields, calculation->field_count, facts, true));
}

static bool read_facts(const struct calculation *calculation, const json_t *given,
                       void *facts, struct calculation_errors *errors)
{
    memcpy(facts, calculation->defaults, calculation->facts_size);
    if (!fields_read(calculation->fields, calculation->field_count, given, facts, errors))
        return false;
    if (calculation->check != NULL)
        calculation->check(facts, errors);
    return errors->count == 0;
}

void calculation_refuse(struct calculation_errors *errors, const char *pointer,
                        const char *code)
{
    struct calculation_error *error;

    if (errors->count == CALCULATION_MOST_ERRORS)
        return;
    error = &errors->items[errors->count++];
    (void)snprintf(error->pointer, sizeof error->pointer, "%s", pointer);
    error->code = code;
}

json_t *calculate(const char *op, const json_t *given,
                  struct calculation_errors *ret_errors)
{
    _Alignas(max_align_t) unsigned char facts[CALCULATION_MOST_FACTS];
    const struct calculation *calculation = find_calculation(op);
    bool out_of_range = false;
    struct answer answer = {.out_of_range = &out_of_range};

    ret_errors->count = 0;
    if (calculation == NULL)
        return NULL;
    assert(calculation->facts_size <= sizeof facts);
    if (!read_facts(calculation, given, facts, ret_errors))
        return NULL;
    answer.object = json_object();
    if (answer.object == NULL)
        return NULL;
    calculation->answer(facts, &answer);
    if (out_of_range) {
        json_decref(answer.object);
        calculation_refuse(ret_errors, calculation->basis, "out_of_range");
        return NULL;
    }
    write_why(calculation, facts, &answer);
    return answer.object;
}

const char *calculation_name(size_t index)
{
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        for (const struct calculation *row = topics[i]; row->op != NULL; row++) {
            if (index-- == 0)
                return row->op;
        }
    }
    return NULL;
}
