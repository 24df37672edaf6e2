/* Critical path method over business days. */
#include "services/scheduling/network.h"

int network_distance(const struct business_calendar *calendar, struct civil a,
                     struct civil b)
{
    if (civil_before(b, a))
        return -network_distance(calendar, b, a);
    int days = 0;
    for (struct civil day = civil_add_days(a, 1); !civil_before(b, day);
         day = civil_add_days(day, 1))
        days += !business_day_is_closed(calendar, day);
    return days;
}

static bool is_ordered(const int *order, int count, int task)
{
    for (int i = 0; i < count; i++) {
        if (order[i] == task)
            return true;
    }
    return false;
}

static bool waits(const struct network_task *task, const int *order, int count)
{
    for (int i = 0; i < task->before_count; i++) {
        if (!is_ordered(order, count, task->before[i]))
            return true;
    }
    return false;
}

bool network_order(const struct network_task *tasks, int count, int *order,
                   int *ret_count)
{
    int ordered = 0, before = -1;
    while (ordered < count && ordered != before) {
        before = ordered;
        for (int i = 0; i < count; i++) {
            if (!is_ordered(order, ordered, i) && !waits(&tasks[i], order, ordered))
                order[ordered++] = i;
        }
    }
    *ret_count = ordered;
    return ordered == count;
}

static bool is_done(const struct network_task *task)
{
    return !civil_is_none(task->done_on);
}

static struct civil end_of(const struct network_task *task)
{
    return is_done(task) ? task->done_on : task->end;
}

static void find_ready(const struct business_calendar *calendar,
                       const struct network_task *tasks, struct network_task *task)
{
    task->ready = CIVIL_NONE;
    for (int i = 0; i < task->before_count; i++) {
        struct civil next =
            business_day_add(calendar, end_of(&tasks[task->before[i]]), 1);
        if (civil_is_none(task->ready) || civil_before(task->ready, next))
            task->ready = next;
    }
}

static void move_to(const struct business_calendar *calendar, struct network_task *task,
                    struct civil start)
{
    int days = network_distance(calendar, task->start, task->end);
    task->start = start;
    task->end = business_day_add(calendar, start, days);
}

void network_push(const struct business_calendar *calendar, struct network_task *tasks,
                  int count, const int *order, struct civil today)
{
    for (int i = 0; i < count; i++) {
        struct network_task *task = &tasks[order[i]];
        find_ready(calendar, tasks, task);
        task->clash = false;
        if (is_done(task))
            continue;
        bool early =
            !civil_is_none(task->ready) && civil_before(task->start, task->ready);
        if (task->fixed)
            task->clash = early;
        else if (early)
            move_to(calendar, task, task->ready);
        if (!civil_is_none(today) && civil_before(task->end, today))
            task->end = business_day_roll(calendar, today, BUSINESS_ROLL_NEXT);
    }
}

struct civil network_end(const struct network_task *tasks, int count)
{
    struct civil end = {0};
    for (int i = 0; i < count; i++) {
        if (civil_is_none(end) || civil_before(end, end_of(&tasks[i])))
            end = end_of(&tasks[i]);
    }
    return end;
}

/* What waits for the task must still begin in time, by the slack it has itself. */
static int slack_before(const struct business_calendar *calendar,
                        const struct network_task *tasks, int count, int task, int slack)
{
    for (int i = 0; i < count; i++) {
        const struct network_task *next = &tasks[i];
        for (int b = 0; b < next->before_count; b++) {
            if (next->before[b] != task || is_done(next))
                continue;
            int gap = network_distance(calendar, end_of(&tasks[task]), next->start) - 1 +
                      (next->fixed ? 0 : next->slack);
            slack = gap < slack ? gap : slack;
        }
    }
    return slack;
}

void network_float(const struct business_calendar *calendar, struct network_task *tasks,
                   int count, const int *order)
{
    struct civil end = network_end(tasks, count);
    for (int i = count - 1; i >= 0; i--) {
        struct network_task *task = &tasks[order[i]];
        int slack = network_distance(calendar, end_of(task), end);
        task->slack = slack_before(calendar, tasks, count, order[i], slack);
        task->critical = !is_done(task) && task->slack <= 0;
    }
}

static void bound_done(struct network_task *task)
{
    task->early_start = task->late_start = civil_earlier(task->start, task->done_on);
    task->early_end = task->late_end = task->done_on;
    task->room = 0;
}

static struct civil early_start(const struct business_calendar *calendar,
                                const struct network_task *tasks,
                                const struct network_task *task)
{
    struct civil first = CIVIL_NONE;
    if (task->fixed)
        return task->start;
    for (int i = 0; i < task->before_count; i++) {
        struct civil next =
            business_day_add(calendar, tasks[task->before[i]].early_end, 1);
        if (civil_is_none(first) || civil_before(first, next))
            first = next;
    }
    return civil_is_none(first) ? task->start : first;
}

void network_bounds(const struct business_calendar *calendar, struct network_task *tasks,
                    int count, const int *order)
{
    for (int i = 0; i < count; i++) {
        struct network_task *task = &tasks[order[i]];
        if (is_done(task)) {
            bound_done(task);
            continue;
        }
        int days = network_distance(calendar, task->start, task->end);
        task->early_start = early_start(calendar, tasks, task);
        task->early_end = business_day_add(calendar, task->early_start, days);
        task->late_start = business_day_add(calendar, task->start, task->slack);
        task->late_end = business_day_add(calendar, task->end, task->slack);
        task->room = network_distance(calendar, task->early_end, task->late_end);
    }
}
