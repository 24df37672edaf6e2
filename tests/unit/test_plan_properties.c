/* What must hold for every programme: many generated facts, policies and six years of life. */
#include "plan_case.h"

#include "dates.h"

#include "services/scheduling/rules/obligation.h"
#include "services/scheduling/rules/surveillance.h"

enum { ROUNDS = 400 };

static uint32_t seed;

static int any(int least, int most)
{
    seed = seed * 1664525u + 1013904223u;
    return least + (int)((seed >> 8) % (uint32_t)(most - least + 1));
}

static struct civil any_day(int from_year, int until_year)
{
    struct civil first = date_of(from_year, 1, 1);
    return civil_add_days(first,
                          any(0, civil_days_between(first, date_of(until_year, 12, 31))));
}

/* A certificate of its first cycle under policies that do not contradict themselves. */
static struct made *any_certificate(struct civil decision, struct civil today)
{
    struct arena *arena = arena_new();
    int latest = any(0, 3), before = latest + any(1, 4);
    struct civil expiry = civil_add_days(civil_add_months(decision, 36), -1);
    const char *facts = arena_printf(
        arena,
        "'state': 'certified', 'decision_date': '%s', 'expiry_date': '%s', "
        "'anchor_date': "
        "'%s', 'cycle_start': '%s', 'cycle_no': 1, 'anchor_cycle': 1, 'cycle_type': "
        "'initial', 'policies': {'surv_before_months': %d, 'surv_after_months': %d, "
        "'recert_before_months': %d, 'recert_latest_months': %d}",
        text_of(arena, decision), text_of(arena, expiry), text_of(arena, decision),
        text_of(arena, decision), any(0, 6), any(0, 11), before, latest);
    struct made *made = make(facts,
                             ", 'obligations': [{'id': 'O', 'kind': 'training', "
                             "'interval_months': 12, 'starts_on': '1990-01-01', 'done': "
                             "[]}]",
                             text_of(arena, today));
    arena_destroy(arena);
    return made;
}

/* ---- windows ---- */

START_TEST(no_window_reaches_beyond_its_hard_limit)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct civil decision = any_day(2022, 2030);
        struct made *made = any_certificate(decision, civil_add_days(decision, 30));
        for (int k = 0; k < made->plan.audit_count; k++) {
            const struct plan_audit *a = &made->plan.audits[k];
            ck_assert_int_le(civil_compare(a->window_start, a->window_end), 0);
            ck_assert_int_le(civil_compare(a->window_end, a->hard_limit), 0);
        }
        const struct plan_audit *first = audit(made, "C:c1:surveillance:1");
        ck_assert(civil_within_months(first->window_end, decision, 12));
        done(made);
    }
}
END_TEST

/* SUR-03: held on its last allowed day, or on its nominal day within the window, no audit leaves a calendar year empty. */
START_TEST(no_programme_misses_a_calendar_year)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct civil decision = any_day(2022, 2030);
        struct made *made = any_certificate(decision, civil_add_days(decision, 30));
        const struct plan_audit *one = audit(made, "C:c1:surveillance:1");
        const struct plan_audit *two = audit(made, "C:c1:surveillance:2");
        const struct plan_audit *recert = audit(made, "C:c1:recertification:1");
        for (int late = 0; late < 2; late++) {
            struct surveillance_facts facts = {
                .decision_date = decision,
                .surveillance = {late ? one->window_end
                                      : civil_earlier(one->nominal, one->window_end),
                                 late ? two->window_end
                                      : civil_earlier(two->nominal, two->window_end)},
                .surveillance_count = 2,
                .through_year = civil_year(made->facts.certification.expiry_date),
                .recert_audit_end = recert->window_end,
                .recert_decision = made->facts.certification.expiry_date,
                .recert_expiry = made->facts.certification.expiry_date,
            };
            struct surveillance_result result;
            surveillance_check(&facts, &result);
            ck_assert_msg(result.iso_compliant, "decision %s late %d",
                          text_of(made->arena, decision), late);
        }
        done(made);
    }
}
END_TEST

/* ---- the same facts ---- */

static const char *written(struct made *made)
{
    json_t *audits = json_array(), *deadlines = json_array();
    plan_write(&made->plan, audits, deadlines);
    json_t *both = json_pack("[o, o]", audits, deadlines);
    for (size_t list = 0; list < 2; list++) {
        size_t i;
        json_t *row;
        json_array_foreach(json_array_get(both, list), i, row) json_object_del(row, "id");
    }
    char *text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
    const char *kept = arena_strdup(made->arena, text);
    free(text);
    json_decref(both);
    return kept;
}

START_TEST(deriving_twice_changes_nothing)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct civil decision = any_day(2022, 2030);
        struct made *made =
            any_certificate(decision, civil_add_days(decision, any(0, 1200)));
        const char *first = written(made);
        plan_make(made->arena, &made->facts, &made->plan);
        ck_assert_str_eq(written(made), first);
        done(made);
    }
}
END_TEST

START_TEST(no_two_deadlines_share_a_key_and_none_lies_after_its_raw_day)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct civil decision = any_day(2022, 2030);
        struct made *made =
            any_certificate(decision, civil_add_days(decision, any(0, 1200)));
        for (const struct plan_deadline *d = made->plan.first; d; d = d->next) {
            ck_assert_int_le(civil_compare(d->due_on, d->raw_on), 0);
            for (const struct plan_deadline *o = d->next; o; o = o->next)
                ck_assert_str_ne(d->source_key, o->source_key);
        }
        done(made);
    }
}
END_TEST

/* ---- six years ---- */

struct life {
    struct civil decision, expiry, previous, recertified;
    int cycle;
};

static struct made *at(const struct life *life, const char *anchor, const char *audits,
                       struct civil today)
{
    struct arena *arena = arena_new();
    bool later = life->cycle > 1;
    const char *facts = arena_printf(
        arena,
        "'state': 'certified', 'decision_date': '%s', 'expiry_date': '%s', "
        "'anchor_date': "
        "'%s', 'cycle_no': %d, 'anchor_cycle': 1, 'cycle_type': '%s'%s%s%s%s%s%s",
        text_of(arena, life->decision), text_of(arena, life->expiry), anchor, life->cycle,
        later ? "recert" : "initial", later ? ", 'previous_expiry_date': '" : "",
        later ? text_of(arena, life->previous) : "",
        later ? "', 'recertification_audit_last_day': '" : "",
        later ? text_of(arena, life->recertified) : "", later ? "'" : "", "");
    struct made *made = make(facts, arena_printf(arena, ", 'audits': [%s]", audits),
                             text_of(arena, today));
    arena_destroy(arena);
    return made;
}

static void check_held(struct life *life, const char *anchor, const char *audits,
                       struct civil held, const char *key)
{
    struct made *made = at(life, anchor, audits, held);
    for (const struct plan_deadline *d = made->plan.first; d; d = d->next)
        ck_assert(!d->audit || strcmp(d->audit->source_key, key) != 0 ||
                  d->kind == DEADLINE_RECERTIFICATION_DECISION ||
                  !civil_is_none(d->fulfilled_on));
    done(made);
}

/* Some day of the window; a surveillance not in the year before its own. */
static struct civil some_held_day(const struct plan_audit *next, bool surveillance)
{
    struct civil held =
        civil_add_days(next->window_start,
                       any(0, civil_days_between(next->window_start, next->window_end)));
    if (surveillance && civil_year(held) < civil_year(next->nominal))
        held = civil_earlier(next->nominal, next->window_end);
    return held;
}

/* The next audit of the cycle; returns all audits with it, as text. */
static const char *hold(struct arena *arena, struct life *life, const char *anchor,
                        const char *audits, int ordinal, int *years)
{
    bool surveillance = ordinal < 3;
    int number = surveillance ? ordinal : 1;
    struct made *made = at(life, anchor, audits, life->decision);
    const char *kind = surveillance ? "surveillance" : "recertification";
    const char *key = arena_printf(arena, "C:c%d:%s:%d", life->cycle, kind, number);
    struct civil held = some_held_day(audit(made, key), surveillance);
    struct civil first;
    ck_assert(civil_parse(anchor, &first));
    *years |= 1 << (civil_year(surveillance ? held : life->expiry) - civil_year(first));
    const char *day = text_of(arena, held);
    audits = arena_printf(arena,
                          "%s%s{'id': 'A%d%d', 'kind': '%s', 'cycle_no': %d, "
                          "'ordinal': %d, 'source_key': '%s', 'status': 'held', "
                          "'held_first_day': '%s', 'held_last_day': '%s'}",
                          audits, *audits ? ", " : "", life->cycle, ordinal, kind,
                          life->cycle, number, key, day, day);
    life->recertified = held;
    done(made);
    check_held(life, anchor, audits, held, key);
    return audits;
}

/* Each audit is held on some day of its window, each recertification is decided in time: what is held covers every calendar year, the
 * anniversary never moves, and no deadline of an audit that was held stays open. */
static void live_six_years(struct civil decision)
{
    struct arena *arena = arena_new();
    const char *anchor = text_of(arena, decision), *audits = "";
    struct life life = {.decision = decision,
                        .expiry = civil_add_days(civil_add_months(decision, 36), -1),
                        .cycle = 1};
    int years = 0;
    for (int cycle = 1; cycle <= 2; cycle++) {
        for (int ordinal = 1; ordinal <= 3; ordinal++)
            audits = hold(arena, &life, anchor, audits, ordinal, &years);
        life.previous = life.expiry;
        life.decision = civil_earlier(civil_add_days(life.recertified, 20), life.expiry);
        life.expiry =
            civil_add_days(civil_add_months(civil_add_days(life.expiry, 1), 36), -1);
        life.cycle++;
    }
    ck_assert(
        civil_same(life.expiry, civil_add_days(civil_add_months(decision, 108), -1)) ||
        civil_split(decision).day == 29);
    for (int year = 1; year <= 5; year++)
        ck_assert_msg(years >> year & 1, "decision %s year +%d", anchor, year);
    arena_destroy(arena);
}

START_TEST(six_years_of_life_leave_no_calendar_year_empty)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct civil decision = any_day(2022, 2030);
        struct civil_parts parts = civil_split(decision);
        if (parts.month != 1 || parts.day != 1) /* whose expiry lies in the year before */
            live_six_years(decision);
    }
}
END_TEST

/* ---- recurring work ---- */

START_TEST(recurring_work_keeps_its_limit_and_its_interval)
{
    for (int i = 0; i < ROUNDS * 5; i++) {
        struct civil since = any_day(2022, 2030);
        struct obligation_period periods[2] = {
            {.since = since,
             .limit = civil_add_days(since, any(20, 700)),
             .held = CIVIL_NONE,
             .place = 0}};
        struct obligation_terms terms = {.interval_months = any(1, 23),
                                         .preferred_month = any(0, 12)};
        struct obligation_plan plan;
        obligation_plan_make(&terms, periods, 1, CIVIL_NONE, NULL, 0, &plan);
        ck_assert_uint_gt(plan.count, 0);
        struct civil before = since;
        for (size_t k = 0; k < plan.count; k++) {
            ck_assert(civil_before(before, plan.days[k].due));
            ck_assert(
                civil_compare(plan.days[k].due,
                              civil_add_months(before, terms.interval_months)) <= 0 ||
                civil_split(before).day > 28 || civil_split(plan.days[k].due).day > 28);
            before = plan.days[k].due;
        }
        ck_assert_int_le(civil_compare(before, periods[0].limit), 0);
    }
}
END_TEST

START_TEST(one_record_fulfils_one_day_at_most)
{
    for (int i = 0; i < ROUNDS * 5; i++) {
        struct civil since = any_day(2022, 2030), work[3];
        struct obligation_period periods[] = {{.since = since,
                                               .limit = civil_add_days(since, 260),
                                               .held = CIVIL_NONE,
                                               .place = 0},
                                              {.since = civil_add_days(since, 360),
                                               .limit = civil_add_days(since, 620),
                                               .held = CIVIL_NONE,
                                               .place = 1}};
        struct obligation_terms terms = {.interval_months = any(1, 36)};
        struct obligation_plan plan;
        work[0] = civil_add_days(since, any(1, 200));
        work[1] = civil_add_days(work[0], any(1, 200));
        work[2] = civil_add_days(work[1], any(1, 200));
        obligation_plan_make(&terms, periods, 2, CIVIL_NONE, work, 3, &plan);
        int fulfilled = 0;
        for (size_t k = 0; k < plan.count; k++) {
            fulfilled += !civil_is_none(plan.days[k].done);
            for (size_t o = k + 1; o < plan.count; o++)
                ck_assert(civil_is_none(plan.days[k].done) ||
                          !civil_same(plan.days[k].done, plan.days[o].done));
        }
        ck_assert_int_le(fulfilled, 3);
    }
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("properties");
    tcase_set_timeout(cases, 60);
    seed = 20261123;
    ADD(no_window_reaches_beyond_its_hard_limit);
    ADD(no_programme_misses_a_calendar_year);
    ADD(deriving_twice_changes_nothing);
    ADD(no_two_deadlines_share_a_key_and_none_lies_after_its_raw_day);
    ADD(six_years_of_life_leave_no_calendar_year_empty);
    ADD(recurring_work_keeps_its_limit_and_its_interval);
    ADD(one_record_fulfils_one_day_at_most);
    return plan_run(cases);
}
