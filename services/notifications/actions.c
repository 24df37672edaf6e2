/* Acknowledging and putting off reminders, by the API and by the link of the mail. */
#include "actions.h"

#include "action_link.h"

#include "api/civil.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_SNOOZE = 90, LONGEST_QUIET = 60 };

static const char *fact(const struct request *rq, const char *name)
{
    return rows_text(request_rows(rq, "judgeReminder"), 0, name);
}

static bool is_true(const struct request *rq, const char *name)
{
    return fact(rq, name)[0] == 't';
}

static struct civil day_of(const char *text)
{
    struct civil day = CIVIL_NONE;
    civil_parse(text, &day);
    return day;
}

/* ---- what may be said ---- */

static bool is_mine(struct request *rq)
{
    if (strcmp(fact(rq, "receiver_kind"), "member") == 0 &&
        strcmp(fact(rq, "receiver_id"), rq->caller.member) == 0)
        return true;
    return refuse(
        rq, PROBLEM_FORBIDDEN,
        "The reminder is addressed to somebody else; only the receiver answers it.",
        "ほかの人あてのリマインダーです。回答できるのは受け取った本人だけです。");
}

static bool is_open(struct request *rq)
{
    if (is_true(rq, "open"))
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        "The deadline is done, withdrawn or has moved. Nothing is left to answer; "
        "reminders of a new date can be answered when they come.",
        "この期限は完了・取下げ済みか、日付が変わっています。回答は不要です。"
        "新しい日付のリマインダーには、届いたときに回答できます。");
}

static bool set_mark(struct request *rq, const char *until, const char *through)
{
    request_set(rq, "snoozed_until", until);
    request_set(rq, "by_client", is_true(rq, "by_client") ? "true" : "false");
    request_set(rq, "through", through);
    return true;
}

/* The last day until which he may put it off. */
static struct civil latest(const struct request *rq)
{
    struct civil last = civil_add_days(day_of(fact(rq, "today")), LONGEST_SNOOZE);
    struct civil due = day_of(fact(rq, "deadline_due_on"));
    return is_true(rq, "protected") ? civil_earlier(last, due) : last;
}

static bool reminder_acknowledge(struct request *rq)
{
    return is_mine(rq) && is_open(rq) && set_mark(rq, NULL, "api");
}

static bool reminder_snooze(struct request *rq)
{
    const char *text = json_string_value(request_member(rq, "until"));
    struct civil until = day_of(text), last = latest(rq);
    char limit[CIVIL_TEXT_SIZE];
    if (!is_mine(rq) || !is_open(rq))
        return false;
    if (civil_compare(until, day_of(fact(rq, "today"))) <= 0)
        return refuse_field(rq, "/until", "too_small", fact(rq, "today"));
    civil_format(last, limit);
    if (civil_before(last, until))
        return refuse_field(rq, "/until", "too_large", limit);
    return set_mark(rq, text, "api");
}

/* ---- the link ---- */

static bool link_assume(struct request *rq)
{
    const char *consultancy = NULL, *reminder = NULL;
    if (!action_link_open(rq->arena, request_parameter(rq, "reminder_token"), rq->now_us,
                          &consultancy, &reminder))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_assume(rq, consultancy, NULL, REACH_ALL);
    request_set(rq, "reminder_id", reminder);
    return true;
}

/* Never beyond what the API allows: on a protected deadline the due date is the last day. */
static bool link_act(struct request *rq)
{
    const char *action = request_parameter(rq, "action");
    char until[CIVIL_TEXT_SIZE];
    if (!is_open(rq))
        return false;
    if (strcmp(action, "acknowledge") == 0)
        return set_mark(rq, NULL, "link");
    struct civil today = day_of(fact(rq, "today"));
    int days = (int)strtol(action + strlen("snooze_"), NULL, 10);
    struct civil day = civil_earlier(civil_add_days(today, days), latest(rq));
    if (civil_compare(day, today) <= 0)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The deadline is due; it can be acknowledged, not put off.",
            "期限が来ているため、先送りできません。確認済みにすることはできます。");
    civil_format(day, until);
    return set_mark(rq, until, "link");
}

/* ---- policies ---- */

static bool policy_none(struct request *rq)
{
    request_set(rq, "policy_id", NULL);
    return true;
}

static void refuse_item(struct request *rq, const char *list, const char *index)
{
    if (index)
        refuse_field(rq, arena_printf(rq->arena, "/%s/%s", list, index),
                     "not_found_reference", NULL);
}

static bool policy_fits(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeReminderPolicy");
    refuse_item(rq, "member_ids", rows_text(rows, 0, "wrong_member"));
    refuse_item(rq, "person_ids", rows_text(rows, 0, "wrong_person"));
    if (strcmp(rows_text(rows, 0, "receivers"), "0") == 0)
        refuse_field(rq, "/receiver_roles", "too_few_items", "1");
    return rq->problem.code == PROBLEM_NONE;
}

/* ---- quiet days ---- */

/* As it shall be: given now, else as it stands. */
static struct civil quiet_day(struct request *rq, const char *member)
{
    const char *given = json_string_value(request_member(rq, member));
    return day_of(given ? given : rows_text(request_rows(rq, "getQuietDays"), 0, member));
}

static bool quiet_days_fit(struct request *rq)
{
    struct civil first = quiet_day(rq, "first_day"), last = quiet_day(rq, "last_day");
    struct civil latest = civil_add_days(first, LONGEST_QUIET);
    char limit[CIVIL_TEXT_SIZE];
    if (civil_before(last, first))
        return refuse_field(rq, "/last_day", "before_start", NULL);
    civil_format(latest, limit);
    if (civil_before(latest, last))
        return refuse_field(rq, "/last_day", "too_large", arena_strdup(rq->arena, limit));
    return true;
}

const struct step reminder_acknowledge_steps[] = {
    {.sql = "judgeReminder"},
    {.compute = reminder_acknowledge},
    {.sql = "markReminder", .optional = true},
    {.sql = "readReminderMark"},
    {0},
};
const struct step reminder_snooze_steps[] = {
    {.sql = "judgeReminder"},
    {.compute = reminder_snooze},
    {.sql = "markReminder", .optional = true},
    {.sql = "readReminderMark"},
    {0},
};
const struct step reminder_link_open_steps[] = {
    {.compute = link_assume},
    {.sql = "judgeReminder"},
    {.compute = reminder_link_show},
    {0},
};
const struct step reminder_link_act_steps[] = {
    {.compute = link_assume},
    {.sql = "judgeReminder"},
    {.compute = link_act},
    {.sql = "markReminder", .optional = true},
    {.sql = "judgeReminder"},
    {.compute = reminder_link_show},
    {0},
};
const struct step reminder_policy_create_steps[] = {
    {.compute = policy_none},
    {.sql = "judgeReminderPolicy"},
    {.compute = policy_fits},
    {.sql = "createReminderPolicy"},
    {0},
};
const struct step reminder_policy_update_steps[] = {
    {.sql = "getReminderPolicy"},
    {.sql = "judgeReminderPolicy"},
    {.compute = policy_fits},
    {.sql = "updateReminderPolicy"},
    {0},
};
const struct step quiet_days_create_steps[] = {
    {.compute = quiet_days_fit},
    {.sql = "createQuietDays"},
    {0},
};
const struct step quiet_days_update_steps[] = {
    {.sql = "getQuietDays"},
    {.compute = quiet_days_fit},
    {.sql = "updateQuietDays"},
    {0},
};
