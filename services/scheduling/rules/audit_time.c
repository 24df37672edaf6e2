/* The audit-time table and what is derived from it, in integers. */
#include "services/scheduling/rules/audit_time.h"

#define HUNDRED_PERCENT (100 * (int64_t)AUDIT_TIME_PERCENT)
#define MOST_REDUCTION (-30 * (int64_t)AUDIT_TIME_PERCENT) /* AT-02, HARD */
#define INTEGRATED_MOST_PCT 20
#define ON_SITE_PCT 70

struct bracket {
    int64_t to_persons;
    int half_days;
};

/* ISO/IEC 27006-1 Table C.1 (AT-01) */
static const struct bracket table_c1[] = {
    {10, 10},   {15, 12},   {25, 14},   {45, 17},    {65, 20},   {85, 22},
    {125, 24},  {175, 26},  {275, 28},  {425, 30},   {625, 33},  {875, 35},
    {1175, 37}, {1550, 39}, {2025, 42}, {2675, 44},  {3450, 46}, {4350, 48},
    {5450, 50}, {6800, 52}, {8500, 54}, {10700, 56},
};

/* AT-02, rows business, columns IT; the mild end first */
static const struct audit_time_range complexity[3][3] = {
    [AUDIT_TIME_LOW] = {{-10, -30}, {-5, -10}, {5, 20}},
    [AUDIT_TIME_MEDIUM] = {{-5, -10}, {0, 0}, {10, 50}},
    [AUDIT_TIME_HIGH] = {{5, 20}, {10, 50}, {20, 100}},
};

/* half_days * part / whole in half days; ties go up. */
static int portion(int64_t half_days, int64_t part, int64_t whole,
                   enum audit_time_round round)
{
    int64_t product = half_days * part;

    if (round == AUDIT_TIME_CEIL_HALF)
        return (int)((product + whole - 1) / whole);
    return (int)((2 * product + whole) / (2 * whole));
}

static int64_t clamped(int64_t value, int64_t least, int64_t most)
{
    if (value > most)
        value = most;
    return value < least ? least : value;
}

/* AT-01 */
int audit_time_table(int64_t persons, int64_t *ret_from, int64_t *ret_to)
{
    int64_t from = 1;

    for (size_t i = 0; i < sizeof table_c1 / sizeof table_c1[0]; i++) {
        if (persons <= table_c1[i].to_persons) {
            *ret_from = from;
            *ret_to = table_c1[i].to_persons;
            return table_c1[i].half_days;
        }
        from = table_c1[i].to_persons + 1;
    }
    *ret_from = 0;
    *ret_to = 0;
    return AUDIT_TIME_ABOVE_TABLE;
}

bool audit_time_has_complexity(const struct audit_time_facts *facts)
{
    return facts->business_count == AUDIT_TIME_FACTORS &&
           facts->it_count == AUDIT_TIME_FACTORS;
}

/* AT-02: never more than 30 % below the table, whatever the policy. */
static int64_t applied_pct(const struct audit_time_facts *facts)
{
    int64_t least = facts->min_pct < MOST_REDUCTION ? MOST_REDUCTION : facts->min_pct;
    int64_t wanted = facts->adjust_pct;

    if (audit_time_has_complexity(facts))
        wanted = (int64_t)audit_time_range_of(facts).from_pct * AUDIT_TIME_PERCENT;
    return clamped(wanted, least, clamped(facts->max_pct, least, INT32_MAX));
}

/* AT-01..04, AT-08: the reduction for an integrated audit comes last (MD 11). */
struct audit_time audit_time_estimate(const struct audit_time_facts *facts)
{
    struct audit_time time = {.applied_pct = applied_pct(facts)};

    time.table = audit_time_table(facts->persons, &time.bracket_from, &time.bracket_to);
    if (time.table == AUDIT_TIME_ABOVE_TABLE)
        return time;
    time.initial = portion(time.table, HUNDRED_PERCENT + time.applied_pct,
                           HUNDRED_PERCENT, facts->round);
    time.initial =
        audit_time_integrated(time.initial, facts->integrated_pct, facts->round);
    time.surveillance = portion(time.initial, 1, 3, facts->round);
    time.recertification = portion(time.initial, 2, 3, facts->round);
    time.stage1 =
        portion(time.initial, facts->stage1_share_pct, HUNDRED_PERCENT, facts->round);
    time.stage2 = time.initial - time.stage1;
    return time;
}

bool audit_time_bracket_changes(int64_t persons_before, int64_t persons_after)
{
    int64_t before;
    int64_t after;
    int64_t unused;

    audit_time_table(persons_before, &before, &unused);
    audit_time_table(persons_after, &after, &unused);
    return before != after;
}

/* AT-05, by halving: exact for every number of persons that a request may name. */
int64_t audit_time_square_root_up(int64_t persons)
{
    int64_t low = 0;
    int64_t high = 65536;

    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (middle * middle >= persons)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* AT-05 (EA FAQ 48.6): per activity, not over the whole head count. */
int64_t audit_time_effective_persons(const int64_t *groups, size_t count, int64_t others)
{
    int64_t persons = others;

    for (size_t i = 0; i < count; i++)
        persons += audit_time_square_root_up(groups[i]);
    return persons;
}

const char *const audit_time_level_names[] = {"low", "medium", "high"};

int audit_time_score(const int64_t factors[AUDIT_TIME_FACTORS])
{
    return (int)(factors[0] + factors[1] + factors[2]);
}

enum audit_time_level audit_time_level_of_score(int score)
{
    if (score <= 4)
        return AUDIT_TIME_LOW;
    return score <= 6 ? AUDIT_TIME_MEDIUM : AUDIT_TIME_HIGH;
}

struct audit_time_range audit_time_complexity(enum audit_time_level business,
                                              enum audit_time_level it)
{
    return complexity[business][it];
}

struct audit_time_range audit_time_range_of(const struct audit_time_facts *facts)
{
    return audit_time_complexity(
        audit_time_level_of_score(audit_time_score(facts->business)),
        audit_time_level_of_score(audit_time_score(facts->it)));
}

int audit_time_remote(int half_days, int remote_pct)
{
    return portion(half_days, remote_pct, 100, AUDIT_TIME_NEAREST_HALF);
}

int audit_time_on_site_minimum(int half_days)
{
    return portion(half_days, ON_SITE_PCT, 100, AUDIT_TIME_CEIL_HALF);
}

bool audit_time_remote_needs_reason(int remote_pct, int max_remote_pct)
{
    return remote_pct > max_remote_pct;
}

int audit_time_integrated(int half_days, int reduction_pct, enum audit_time_round round)
{
    int64_t reduction = clamped(reduction_pct, 0, INTEGRATED_MOST_PCT);

    return portion(half_days, 100 - reduction, 100, round);
}
