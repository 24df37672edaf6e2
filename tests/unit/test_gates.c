/* Gates: they pass exactly when the state machine lets the step happen, and what they say of later days comes true. */
#include "plan_case.h"

#include "services/scheduling/gates.h"
#include "services/scheduling/portfolio.h"
#include "services/scheduling/rules/health.h"
#include "services/scheduling/transition.h"

enum { ROUNDS = 4000 };

/* ---- facts by chance, the same in every run ---- */

static uint32_t seed;

static int chance(int below)
{
    seed = seed * 1664525U + 1013904223U;
    return (int)((seed >> 8) % (uint32_t)below);
}

static const char *day_text(struct arena *arena, struct civil day)
{
    return text_of(arena, day);
}

/* A day between the first and the number of days after it, or null. */
static const char *some_day(struct arena *arena, struct civil first, int days)
{
    if (chance(4) == 0)
        return "null";
    return arena_printf(arena, "'%s'",
                        day_text(arena, civil_add_days(first, chance(days))));
}

static const char *some_findings(struct arena *arena, const char *audit,
                                 struct civil from, int days)
{
    static const char *const grades[] = {"major",       "minor",    "observation",
                                         "opportunity", "strength", "stage1_concern"};
    const char *list = "";
    int count = chance(4);
    for (int i = 0; i < count; i++)
        list = arena_printf(
            arena,
            "%s%s{'id': 'F%d', 'audit_id': '%s', 'grade': '%s', 'reference': 'NC-%d', "
            "'plan_accepted_on': %s, 'verified_on': %s, 'closed_on': %s}",
            list, i ? ", " : "", i, audit, grades[chance(6)], i,
            some_day(arena, from, days), some_day(arena, from, days),
            some_day(arena, from, days));
    return list;
}

static struct civil date(const char *text)
{
    struct civil day = CIVIL_NONE;
    ck_assert(civil_parse(text, &day));
    return day;
}

/* A certification before the decision: what is done, and when, is left to chance. */
static struct made *some_initial(struct arena *arena, const char *state,
                                 const char *today, int finding_days)
{
    static const char *const names[] = {"scope_defined_on", "risk_assessment_done_on",
                                        "soa_approved_on", "internal_audit_done_on",
                                        "management_review_done_on"};
    struct civil from = date("2024-10-01");
    const char *facts =
        arena_printf(arena,
                     "'state': '%s', 'cycle_no': 1, 'stage1_last_day': '2024-11-15', "
                     "'stage2_last_day': '2025-01-10', 'recommended_on': '2025-01-31', "
                     "'policies': {'minor_must_be_closed': %s}",
                     state, chance(2) ? "true" : "false");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        facts = arena_printf(arena, "%s, '%s': %s", facts, names[i],
                             chance(3) ? "'2024-12-01'" : some_day(arena, from, 300));
    const char *rest = arena_printf(
        arena,
        ", 'audits': [{'id': 'A', 'kind': 'stage2', 'status': 'held', 'cycle_no': 1, "
        "'source_key': 'C:c1:stage2:1', 'held_last_day': '2025-01-10'}, "
        "{'id': 'I', 'kind': 'internal', 'status': '%s', 'held_last_day': %s}], "
        "'findings': [%s]",
        chance(2) ? "held" : "planned", some_day(arena, from, 200),
        some_findings(arena, "A", date("2025-01-10"), finding_days));
    return make(facts, rest, today);
}

/* Two surveillances and a recertification, each booked or held or not. */
static const char *some_audit(struct arena *arena, const char *audits, int i)
{
    static const char *const bookings[] = {"planned", "requested", "confirmed", "held"};
    const char *booking = bookings[chance(i == 2 ? 4 : 3)];
    struct civil first = civil_add_days(date("2027-10-20"), chance(120));
    return arena_printf(
        arena,
        "%s%s{'id': 'A%d', 'kind': '%s', 'status': '%s', 'cycle_no': 1, 'ordinal': "
        "%d, 'source_key': 'C:c1:%s:%d', 'planned_first_day': %s, "
        "'planned_last_day': %s, 'held_last_day': %s}",
        audits, i ? ", " : "", i, i == 2 ? "recertification" : "surveillance", booking,
        i == 2 ? 1 : i + 1, i == 2 ? "recertification" : "surveillance",
        i == 2 ? 1 : i + 1, some_day(arena, date("2025-12-01"), 700), "null",
        strcmp(booking, "held") == 0 ? arena_printf(arena, "'%s'", day_text(arena, first))
                                     : "null");
}

static struct made *some_cycle(struct arena *arena, const char *state, const char *today)
{
    struct civil from = date("2025-02-14");
    const char *audits = "";
    for (int i = 0; i < 3; i++)
        audits = some_audit(arena, audits, i);
    const char *facts = arena_printf(
        arena,
        INITIAL ", 'internal_audit_done_on': %s, 'management_review_done_on': %s, "
                "'policies': {'minor_must_be_closed': %s, 'restore_months': %d}",
        some_day(arena, from, 700), some_day(arena, from, 700),
        chance(2) ? "true" : "false", chance(7));
    const char *rest = arena_printf(
        arena, ", 'audits': [%s], 'findings': [%s]", audits,
        chance(2) ? some_findings(arena, "A2", date("2027-11-20"), 120) : "");
    const char *text = arena_printf(arena, "'state': '%s'%s", state,
                                    facts + strlen("'state': 'certified'"));
    return make(text, rest, today);
}

/* ---- the state machine's own word ---- */

static bool allowed(struct made *made, void (*judge)(struct move *))
{
    struct request rq = {.arena = made->arena};
    struct move move = {.rq = &rq,
                        .facts = made->facts,
                        .row = json_object_get(made->json, "certification"),
                        .on = made->facts.today,
                        .changes = json_object(),
                        .noted = json_object()};
    judge(&move);
    json_decref(move.changes);
    json_decref(move.noted);
    return move.missing_count == 0 && rq.problem.code == PROBLEM_NONE;
}

static enum gate_status status(struct made *made, enum gate_kind kind)
{
    struct gates gates;
    gates_make(&made->plan, &made->facts, 1, &gates);
    return gates.gate[kind].status;
}

START_TEST(the_decision_passes_exactly_when_the_step_is_allowed)
{
    int passed = 0;
    seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *arena = arena_new();
        struct civil today = civil_add_days(date("2025-02-01"), chance(260));
        struct made *made =
            some_initial(arena, "recommended", day_text(arena, today), 200);
        bool pass = status(made, GATE_OF_DECISION) == GATE_PASS;
        ck_assert_msg(pass == allowed(made, judge_certified_first), "round %d", i);
        passed += pass;
        done(made);
        arena_destroy(arena);
    }
    ck_assert_int_gt(passed, ROUNDS / 100);
    ck_assert_int_lt(passed, ROUNDS / 2);
}
END_TEST

START_TEST(the_decision_asks_for_another_stage_2_when_the_recommendation_does)
{
    int again = 0;
    seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *arena = arena_new();
        int days = 1 + chance(300); /* what is verified was verified by then */
        struct civil today = civil_add_days(date("2025-01-10"), days);
        struct made *made =
            some_initial(arena, "stage2_done", day_text(arena, today), days);
        struct gates gates;
        gates_make(&made->plan, &made->facts, 1, &gates);
        bool asked = false;
        const struct gate *gate = &gates.gate[GATE_OF_DECISION];
        for (int n = 0; n < gate->item_count; n++)
            asked |= gate->items[n].code == GATE_NEEDS_STAGE2_AGAIN &&
                     !gate_item_done(&gates, &gate->items[n]);
        ck_assert_msg(asked != allowed(made, judge_recommended), "round %d", i);
        again += asked;
        done(made);
        arena_destroy(arena);
    }
    ck_assert_int_gt(again, ROUNDS / 100);
}
END_TEST

static void check_recertification(const char *state, uint32_t start)
{
    int passed = 0;
    seed = start;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *arena = arena_new();
        struct civil today = civil_add_days(date("2027-11-01"), chance(400));
        struct made *made = some_cycle(arena, state, day_text(arena, today));
        bool pass = status(made, GATE_OF_RECERTIFICATION) == GATE_PASS;
        ck_assert_msg(pass == allowed(made, judge_recertified), "round %d", i);
        passed += pass;
        done(made);
        arena_destroy(arena);
    }
    ck_assert_int_gt(passed, ROUNDS / 100);
}

START_TEST(the_recertification_passes_exactly_when_the_step_is_allowed)
{
    check_recertification("certified", 3);
    check_recertification("expired", 4);
}
END_TEST

/* ---- later days ---- */

static struct civil part_date(const json_t *part, const char *name)
{
    return json_date(part, name);
}

static bool reached(struct civil from, struct civil day)
{
    return !civil_is_none(from) && civil_compare(from, day) <= 0;
}

static enum health foretold(const json_t *part, struct civil day)
{
    return reached(part_date(part, "red_on"), day)      ? HEALTH_RED
           : reached(part_date(part, "amber_on"), day)  ? HEALTH_AMBER
           : reached(part_date(part, "notice_on"), day) ? HEALTH_NOTICE
                                                        : HEALTH_GREEN;
}

/* Section 4, straight from the rules. */
static enum health judged(struct made *made, struct civil day)
{
    enum health worst = civil_before(made->facts.certification.expiry_date, day)
                            ? HEALTH_RED
                            : HEALTH_GREEN;
    for (int i = 0; i < made->plan.audit_count; i++) {
        const struct plan_audit *audit = &made->plan.audits[i];
        if (audit->cycle_no != 1)
            continue;
        const struct health_facts facts = {
            .today = day,
            .window_start = audit->window_start,
            .window_end = audit->window_end,
            .hard_limit = audit->hard_limit,
            .booked = plan_is_booked(audit),
            .held = !civil_is_none(plan_held_last(audit)),
        };
        enum health health = health_of_audit(&facts);
        worst = health > worst ? health : worst;
    }
    for (int kind = 0; kind < GATE_KINDS; kind++)
        if (status(made, (enum gate_kind)kind) == GATE_BLOCKED)
            worst = HEALTH_RED;
    return worst;
}

static struct made *as_of(struct made *made, struct civil day)
{
    made->facts.today = day;
    plan_make(made->arena, &made->facts, &made->plan);
    return made;
}

START_TEST(a_part_written_once_tells_the_colour_of_every_later_day)
{
    int seen[HEALTH_RED + 1] = {0};
    seed = 5;
    for (int i = 0; i < 60; i++) {
        struct arena *arena = arena_new();
        struct made *made = some_cycle(arena, "certified", "2025-02-14");
        struct gates gates;
        if (made->facts.finding_count > 0 ||
            made->facts.audits[2].booking == AUDIT_HELD) {
            done(made);
            arena_destroy(arena);
            continue; /* facts of later days are no facts yet */
        }
        gates_make(&made->plan, &made->facts, 1, &gates);
        json_t *part = portfolio_part(&gates);
        for (struct civil day = date("2025-02-14"); civil_year(day) < 2029;
             day = civil_add_days(day, 3)) {
            enum health health = judged(as_of(made, day), day);
            ck_assert_msg(foretold(part, day) == health, "round %d, %s", i,
                          day_text(arena, day));
            seen[health]++;
        }
        json_decref(part);
        done(made);
        arena_destroy(arena);
    }
    for (int health = HEALTH_GREEN; health <= HEALTH_RED; health++)
        ck_assert_int_gt(seen[health], 0);
}
END_TEST

START_TEST(a_gate_made_once_tells_its_status_of_every_later_day)
{
    seed = 6;
    for (int i = 0; i < 300; i++) {
        struct arena *arena = arena_new();
        struct made *made = chance(2)
                                ? some_cycle(arena, "certified", "2028-04-01")
                                : some_initial(arena, "stage2_done", "2028-04-01", 200);
        struct gates first, later;
        gates_make(&made->plan, &made->facts, 1, &first);
        enum gate_status status[GATE_KINDS];
        struct civil blocked[GATE_KINDS];
        for (int kind = 0; kind < GATE_KINDS; kind++) {
            status[kind] = first.gate[kind].status;
            blocked[kind] = first.gate[kind].blocked_on;
        }
        for (int days = 0; days < 900; days += 50) {
            struct civil day = civil_add_days(date("2028-04-01"), days);
            gates_make(&as_of(made, day)->plan, &made->facts, 1, &later);
            for (int kind = 0; kind < GATE_KINDS; kind++) {
                enum gate_status wanted =
                    reached(blocked[kind], day) ? GATE_BLOCKED : status[kind];
                ck_assert_int_eq(later.gate[kind].status, wanted);
            }
        }
        done(made);
        arena_destroy(arena);
    }
}
END_TEST

/* ---- texts ---- */

START_TEST(every_item_has_words_in_both_languages_a_rule_and_a_clause)
{
    struct arena *arena = arena_new();
    for (int code = 0; code < GATE_CODES; code++) {
        const struct gate_item item = {.code = (enum gate_code)code,
                                       .rule = gate_code_rule((enum gate_code)code),
                                       .subject_ja = "",
                                       .subject_en = ""};
        ck_assert_ptr_nonnull(gate_code_name(item.code));
        ck_assert_str_ne(gate_item_what(arena, &item, true), "");
        ck_assert_str_ne(gate_item_what(arena, &item, false), "");
        ck_assert_str_ne(gate_code_next(item.code, true), "");
        ck_assert_str_ne(gate_code_next(item.code, false), "");
        ck_assert_str_ne(gate_item_clause(arena, &item), "");
    }
    for (int why = GATE_APPLIES + 1; why < GATE_WHYS; why++)
        ck_assert(gate_why_text((enum gate_why)why, true) &&
                  gate_why_text((enum gate_why)why, false));
    arena_destroy(arena);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("gates");
    tcase_set_timeout(cases, 60);
    ADD(the_decision_passes_exactly_when_the_step_is_allowed);
    ADD(the_decision_asks_for_another_stage_2_when_the_recommendation_does);
    ADD(the_recertification_passes_exactly_when_the_step_is_allowed);
    ADD(a_part_written_once_tells_the_colour_of_every_later_day);
    ADD(a_gate_made_once_tells_its_status_of_every_later_day);
    ADD(every_item_has_words_in_both_languages_a_rule_and_a_clause);
    return plan_run(cases);
}
