/* Which answers to a change fit, and which one is advised. */
#include "services/scheduling/rules/change_options.h"

#include <string.h>

const char *const change_variant_names[CHANGE_VARIANTS] = {
    [VARIANT_PAPER_NOTICE] = "paper_notice",   [VARIANT_MERGE] = "merge_with_next_audit",
    [VARIANT_PULL_FORWARD] = "pull_forward",   [VARIANT_CHANGE_AUDIT] = "change_audit",
    [VARIANT_REPEAT_STAGE1] = "repeat_stage1",
};

bool change_variant_parse(const char *name, enum change_variant *ret_variant)
{
    for (int variant = 0; variant < CHANGE_VARIANTS; variant++) {
        if (strcmp(name, change_variant_names[variant]) == 0) {
            *ret_variant = (enum change_variant)variant;
            return true;
        }
    }
    return false;
}

static bool is_weighty(enum change_family family)
{
    return family == CHANGE_MOVE || family == CHANGE_GROWTH;
}

static struct civil later(struct civil a, struct civil b)
{
    return civil_before(a, b) ? b : a;
}

/* CHG-03 for everything that an audit must see soon. */
static struct relocation_result months_advise(const struct change_option_facts *facts)
{
    const struct relocation_facts relocation = {
        .move_date = facts->change_date,
        .next_nominal = change_audit_sees(&facts->next, facts->change_date),
        .next_window_start = facts->next.window_start,
        .merge_within_months = facts->merge_within_months,
        .special_within_months = facts->special_within_months,
        .allow_pull_forward = facts->allow_pull_forward,
    };
    return relocation_advise(&relocation);
}

/* ---- one variant each ---- */

static struct change_option dated(struct civil not_before, struct civil due_by,
                                  struct civil expected)
{
    return (struct change_option){
        .not_before = not_before, .due_by = due_by, .expected = expected};
}

static struct change_option blocked(enum change_obstacle obstacle)
{
    struct change_option option = dated(CIVIL_NONE, CIVIL_NONE, CIVIL_NONE);
    option.obstacle = obstacle;
    return option;
}

/* CHG-02: a paper change, unless what is certified moves or grows. */
static struct change_option on_paper(const struct change_option_facts *facts)
{
    bool enough = !is_weighty(facts->family) || facts->phase == PHASE_PMARK;
    return blocked(enough ? OBSTACLE_NONE : OBSTACLE_MORE_THAN_PAPER);
}

/* Before stage 2 the initial audit takes the change in, whenever it will be. */
static struct change_option merged(const struct change_option_facts *facts)
{
    struct civil expected = change_audit_sees(&facts->next, facts->change_date);
    struct civil opens = facts->next.window_start, ends = facts->next.window_end;
    if (facts->phase == PHASE_PMARK)
        return blocked(OBSTACLE_PMARK);
    if (civil_is_none(expected) && facts->phase <= PHASE_BETWEEN_STAGES)
        return dated(facts->change_date, CIVIL_NONE, CIVIL_NONE);
    if (civil_is_none(expected))
        return blocked(OBSTACLE_NO_NEXT_AUDIT);
    return dated(civil_is_none(opens) ? facts->change_date
                                      : later(facts->change_date, opens),
                 civil_is_none(ends) ? expected : later(ends, expected), expected);
}

static enum change_obstacle pull_obstacle(const struct change_option_facts *facts,
                                          struct civil expected, struct civil limit)
{
    if (facts->phase == PHASE_PMARK)
        return OBSTACLE_PMARK;
    if (facts->phase != PHASE_CERTIFIED)
        return OBSTACLE_NOT_CERTIFIED_YET;
    if (facts->family == CHANGE_ON_PAPER || facts->family == CHANGE_HEAD_COUNT)
        return OBSTACLE_PAPER_IS_ENOUGH;
    if (civil_is_none(expected) || civil_is_none(facts->next.window_start))
        return OBSTACLE_NO_NEXT_AUDIT;
    if (!facts->allow_pull_forward)
        return OBSTACLE_POLICY;
    if (civil_compare(expected, limit) <= 0 ||
        civil_before(limit, facts->next.window_start))
        return OBSTACLE_NOTHING_TO_PULL;
    return OBSTACLE_NONE;
}

/* Inside the next audit's own window and within the months of a merge. */
static struct change_option pulled(const struct change_option_facts *facts)
{
    struct civil limit = civil_add_months(facts->change_date, facts->merge_within_months);
    struct civil expected = change_audit_sees(&facts->next, facts->change_date);
    enum change_obstacle obstacle = pull_obstacle(facts, expected, limit);
    if (obstacle != OBSTACLE_NONE)
        return blocked(obstacle);
    return dated(later(facts->change_date, facts->next.window_start), limit, expected);
}

static struct change_option by_own_audit(const struct change_option_facts *facts)
{
    if (facts->phase == PHASE_PMARK)
        return blocked(OBSTACLE_PMARK);
    if (facts->phase == PHASE_BEFORE_STAGE1 || facts->phase == PHASE_BETWEEN_STAGES)
        return blocked(OBSTACLE_NOT_CERTIFIED_YET);
    if (facts->family == CHANGE_ON_PAPER || facts->family == CHANGE_HEAD_COUNT)
        return blocked(OBSTACLE_PAPER_IS_ENOUGH);
    return dated(facts->change_date,
                 civil_add_months(facts->change_date, facts->special_within_months),
                 CIVIL_NONE);
}

/* CHG-04, INI-02: all or part of stage 1 again, before stage 2. */
static struct change_option stage1_again(const struct change_option_facts *facts)
{
    if (facts->phase != PHASE_BETWEEN_STAGES)
        return blocked(OBSTACLE_NOT_BETWEEN_STAGES);
    if (!is_weighty(facts->family) && facts->family != CHANGE_REVIEW)
        return blocked(OBSTACLE_PAPER_IS_ENOUGH);
    return dated(facts->change_date, change_audit_sees(&facts->next, facts->change_date),
                 CIVIL_NONE);
}

/* ---- the advice ---- */

static void advise(struct change_options *options, enum change_variant variant,
                   enum change_reason reason)
{
    options->advised = variant;
    options->reason = reason;
}

static void advise_by_months(const struct change_option_facts *facts,
                             struct change_options *options)
{
    switch (months_advise(facts).action) {
    case RELOCATION_MERGE:
        advise(options, VARIANT_MERGE, REASON_NEXT_AUDIT_SOON);
        break;
    case RELOCATION_MERGE_PULL_FORWARD:
        advise(options, VARIANT_PULL_FORWARD, REASON_WINDOW_OPENS_SOON);
        break;
    default:
        advise(options, VARIANT_CHANGE_AUDIT,
               options->of[VARIANT_MERGE].obstacle ? REASON_NO_AUDIT_KNOWN
                                                   : REASON_TOO_LATE_TO_WAIT);
    }
}

static bool is_open(const struct change_options *options, enum change_variant variant)
{
    return options->of[variant].obstacle == OBSTACLE_NONE;
}

static void advise_certified(const struct change_option_facts *facts,
                             struct change_options *options)
{
    bool small = facts->family == CHANGE_SHRINKING || facts->family == CHANGE_HEAD_COUNT;
    if (facts->family == CHANGE_HEAD_COUNT && facts->bracket_stays)
        advise(options, VARIANT_PAPER_NOTICE, REASON_BRACKET_STAYS);
    else if (is_weighty(facts->family))
        advise_by_months(facts, options);
    else if (is_open(options, VARIANT_MERGE))
        advise(options, VARIANT_MERGE, REASON_NEXT_AUDIT_LOOKS);
    else if (small)
        advise(options, VARIANT_PAPER_NOTICE, REASON_PAPER_ENOUGH);
    else
        advise(options, VARIANT_CHANGE_AUDIT, REASON_NO_AUDIT_KNOWN);
}

/* Before the certificate the initial audit looks at everything that has changed. */
static void advise_initial(const struct change_option_facts *facts,
                           struct change_options *options)
{
    if (facts->phase == PHASE_BETWEEN_STAGES && is_weighty(facts->family))
        advise(options, VARIANT_REPEAT_STAGE1, REASON_STAGE1_STALE);
    else
        advise(options, VARIANT_MERGE, REASON_INITIAL_AUDIT);
}

void change_options_judge(const struct change_option_facts *facts,
                          struct change_options *ret_options)
{
    *ret_options =
        (struct change_options){.of = {[VARIANT_PAPER_NOTICE] = on_paper(facts),
                                       [VARIANT_MERGE] = merged(facts),
                                       [VARIANT_PULL_FORWARD] = pulled(facts),
                                       [VARIANT_CHANGE_AUDIT] = by_own_audit(facts),
                                       [VARIANT_REPEAT_STAGE1] = stage1_again(facts)}};
    if (facts->phase == PHASE_PMARK)
        advise(ret_options, VARIANT_PAPER_NOTICE, REASON_PMARK);
    else if (facts->family == CHANGE_ON_PAPER)
        advise(ret_options, VARIANT_PAPER_NOTICE, REASON_PAPER_ENOUGH);
    else if (facts->phase == PHASE_CERTIFIED)
        advise_certified(facts, ret_options);
    else if (facts->phase == PHASE_AFTER_STAGE2)
        advise(ret_options,
               is_weighty(facts->family) ? VARIANT_CHANGE_AUDIT : VARIANT_PAPER_NOTICE,
               REASON_AFTER_STAGE2);
    else
        advise_initial(facts, ret_options);
}
