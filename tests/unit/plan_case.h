/* For tests of the derivation: facts written as JSON, the plan they give, and what is asked of it. */
#ifndef MEGURI_TEST_PLAN_CASE_H
#define MEGURI_TEST_PLAN_CASE_H

#include "ground.h"

#include "services/scheduling/plan_facts.h"
#include "services/scheduling/plan_make.h"
#include "services/scheduling/plan_write.h"

/* A plan and what it stands on. */
struct made {
    struct arena *arena;
    json_t *json;
    struct plan_facts facts;
    struct plan plan;
};

/* certification: members of that object, rest: what stands beside it, in JSON with ' for ". Lives in its arena: the plan points into
 * itself and its facts. */
static inline struct made *make(const char *certification, const char *rest,
                                const char *today)
{
    struct arena *arena = arena_new();
    struct made *made = arena_alloc(arena, sizeof *made);
    struct civil day = CIVIL_NONE;
    ck_assert(civil_parse(today, &day));
    char *text = arena_printf(arena,
                              "{'certification': {'id': 'C', 'client_id': 'K', "
                              "'scheme': 'iso27001-2022', %s} %s}",
                              certification, rest);
    for (char *p = text; *p; p++) {
        if (*p == '\'')
            *p = '"';
    }
    made->arena = arena;
    made->json = json_loads(text, 0, NULL);
    ck_assert_msg(made->json != NULL, "not JSON: %s", text);
    plan_facts_read(arena, made->json, day, &made->facts);
    plan_make(arena, &made->facts, &made->plan);
    return made;
}

static inline void done(struct made *made)
{
    json_decref(made->json);
    arena_destroy(made->arena);
}

static inline const char *text_of(struct arena *arena, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return "none";
    civil_format(date, text);
    return arena_strdup(arena, text);
}

/* Never NULL: those that may be missing are asked for with has_audit and has_deadline. */
static inline const struct plan_audit *audit(const struct made *made, const char *key)
{
    for (int i = 0; i < made->plan.audit_count; i++) {
        if (strcmp(made->plan.audits[i].source_key, key) == 0)
            return &made->plan.audits[i];
    }
    ck_abort_msg("no audit %s", key);
}

static inline const struct plan_deadline *deadline(const struct made *made,
                                                   const char *key)
{
    for (const struct plan_deadline *d = made->plan.first; d; d = d->next) {
        if (strcmp(d->source_key, key) == 0)
            return d;
    }
    ck_abort_msg("no deadline %s", key);
}

static inline bool has_audit(const struct made *made, const char *key)
{
    for (int i = 0; i < made->plan.audit_count; i++) {
        if (strcmp(made->plan.audits[i].source_key, key) == 0)
            return true;
    }
    return false;
}

static inline bool has_deadline(const struct made *made, const char *key)
{
    for (const struct plan_deadline *d = made->plan.first; d; d = d->next) {
        if (strcmp(d->source_key, key) == 0)
            return true;
    }
    return false;
}

static inline void check_date(const struct made *made, struct civil date,
                              const char *wanted)
{
    ck_assert_str_eq(text_of(made->arena, date), wanted);
}

static inline void check_window(const struct made *made, const char *key,
                                const char *nominal, const char *start, const char *end,
                                const char *limit)
{
    const struct plan_audit *found = audit(made, key);
    check_date(made, found->nominal, nominal);
    check_date(made, found->window_start, start);
    check_date(made, found->window_end, end);
    check_date(made, found->hard_limit, limit);
}

static inline void check_due(const struct made *made, const char *key, const char *raw,
                             const char *due, const char *hardness, const char *rule)
{
    const struct plan_deadline *found = deadline(made, key);
    check_date(made, found->raw_on, raw);
    check_date(made, found->due_on, due);
    ck_assert_str_eq(found->hardness, hardness);
    ck_assert_str_eq(found->rule, rule);
}

static inline void check_fulfilled(const struct made *made, const char *key,
                                   const char *day)
{
    const struct plan_deadline *found = deadline(made, key);
    check_date(made, found->fulfilled_on, day);
}

#define INITIAL                                                                          \
    "'state': 'certified', 'decision_date': '2025-02-14', 'expiry_date': '2028-02-13', " \
    "'anchor_date': '2025-02-14', 'cycle_start': '2025-02-14', 'cycle_no': 1, "          \
    "'anchor_cycle': 1, 'cycle_type': 'initial', 'stage2_last_day': '2025-01-10', "      \
    "'original_certification_date': '2025-02-14'"
#define RENEWED(decision)                                                                \
    "'state': 'certified', 'decision_date': '" decision                                  \
    "', 'expiry_date': '2031-02-13', 'anchor_date': '2025-02-14', 'cycle_start': "       \
    "'2028-02-14', 'cycle_no': 2, 'anchor_cycle': 1, 'cycle_type': 'recert', "           \
    "'previous_expiry_date': '2028-02-13', 'recertification_audit_last_day': "           \
    "'2027-12-03', 'original_certification_date': '2025-02-14'"
#define TODAY "2025-06-02"

static inline int plan_run(TCase *cases)
{
    Suite *suite = suite_create("plan");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define ADD(test) tcase_add_test(cases, test)

#endif
