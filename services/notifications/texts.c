/* Each language has its own sentences; nothing is glued from words. */
#include "texts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum phase { BEFORE, TODAY, AFTER };

static const char *const weekdays_ja[] = {"日", "月", "火", "水", "木", "金", "土"};
static const char *const weekdays_en[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
static const char *const months_en[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};

static const struct {
    const char *hardness;
    const char *ja;
    const char *en;
} hardness_texts[] = {
    {"hard", "規格または認証制度で決まっている期限で、延長できません。",
     "The standard or the certification scheme sets this date; it cannot be extended."},
    {"law", "法令で定められた期限です。", "This date is set by law."},
    {"policy", "認証機関または弊社の運用で定めた期限です。",
     "This date follows the practice of the certification body or of ourselves."},
    {"own", "お客様と弊社で設定した期限です。",
     "This date was agreed between you and us."},
};

/* By phase. */
static const char *const next_ja[] = {
    "期限までに対応し、終わりましたらMeguriで完了を記録してください。\n"
    "日程が決まっていない場合や間に合わない見込みの場合は、早めにご連絡ください。",
    "本日中に対応し、Meguriで完了を記録してください。\n"
    "間に合わない場合は、本日中に必ずご連絡ください。",
    "至急ご対応のうえ、Meguriで完了を記録してください。\n"
    "すでに対応済みの場合は、完了日の記録をお願いします。"};
static const char *const next_en[] = {
    "Please finish this by the date above and record it as done in Meguri.\n"
    "If no date is fixed yet, or you may not be in time, tell us early.",
    "Please finish this today and record it as done in Meguri.\n"
    "If that is not possible, tell us today.",
    "Please act now and record it as done in Meguri.\n"
    "If it is done already, please record the day on which it was done."};

static int days_left(const struct reminder_text *facts)
{
    return civil_days_between(facts->today, facts->due_on);
}

static enum phase phase_of(const struct reminder_text *facts)
{
    int days = days_left(facts);
    return days > 0 ? BEFORE : days == 0 ? TODAY : AFTER;
}

static bool is_english(const struct reminder_text *facts)
{
    return strcmp(facts->language, "en") == 0;
}

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), end_len = strlen(end);
    return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

/* ---- Japanese ---- */

static const char *date_ja(struct arena *arena, struct civil date)
{
    struct civil_parts parts = civil_split(date);
    return arena_printf(arena, "%d年%d月%d日", parts.year, parts.month, parts.day);
}

static const char *weekday_date_ja(struct arena *arena, struct civil date)
{
    return arena_printf(arena, "%s（%s）", date_ja(arena, date),
                        weekdays_ja[civil_weekday(date)]);
}

/* A title may be called "...の期限" itself, or end with a verb ("...を提出する"), to which 期限 joins directly. */
static const char *limit_ja(const char *title)
{
    if (ends_with(title, "期限"))
        return "";
    return ends_with(title, "る") ? "期限" : "の期限";
}

static const char *state_ja(struct arena *arena, int days)
{
    if (days == 0)
        return "本日";
    return arena_printf(arena, days > 0 ? "あと%d日" : "%d日超過", abs(days));
}

/* ---- English ---- */

static const char *date_en(struct arena *arena, struct civil date)
{
    struct civil_parts parts = civil_split(date);
    return arena_printf(arena, "%d %.3s %d", parts.day, months_en[parts.month - 1],
                        parts.year);
}

static const char *weekday_date_en(struct arena *arena, struct civil date)
{
    struct civil_parts parts = civil_split(date);
    return arena_printf(arena, "%s, %d %s %d", weekdays_en[civil_weekday(date)],
                        parts.day, months_en[parts.month - 1], parts.year);
}

static const char *days_en(struct arena *arena, int days)
{
    return arena_printf(arena, "%d %s", days, days == 1 ? "day" : "days");
}

static const char *state_en(struct arena *arena, int days)
{
    if (days == 0)
        return "due today";
    return days > 0 ? arena_printf(arena, "due in %s", days_en(arena, days))
                    : arena_printf(arena, "overdue by %s", days_en(arena, -days));
}

/* ---- both ---- */

static const char *hardness_text(const struct reminder_text *facts)
{
    enum { COUNT = sizeof hardness_texts / sizeof *hardness_texts };
    size_t i = 0;
    while (i < COUNT - 1 && strcmp(hardness_texts[i].hardness, facts->hardness) != 0)
        i++;
    return is_english(facts) ? hardness_texts[i].en : hardness_texts[i].ja;
}

static void set(json_t *values, const char *name, const char *text)
{
    json_object_set_new(values, name, text ? json_string(text) : json_null());
}

static void set_dates(struct arena *arena, json_t *values,
                      const struct reminder_text *facts)
{
    bool english = is_english(facts), moved = !civil_same(facts->due_on, facts->raw_on);
    const char *(*date)(struct arena *, struct civil) = english ? date_en : date_ja;
    const char *(*weekday_date)(struct arena *, struct civil) =
        english ? weekday_date_en : weekday_date_ja;
    set(values, "due_on", date(arena, facts->due_on));
    set(values, "due_day", weekday_date(arena, facts->due_on));
    set(values, "raw_day", moved ? weekday_date(arena, facts->raw_on) : NULL);
}

json_t *reminder_values(struct arena *arena, const struct reminder_text *facts)
{
    static const char *const marks_ja[] = {"期限", "本日期限", "期限超過"};
    static const char *const marks_en[] = {"Deadline", "Due today", "Overdue"};
    bool english = is_english(facts);
    enum phase phase = phase_of(facts);
    int days = days_left(facts);
    json_t *values = json_object();
    set(values, "client_name", facts->client_name);
    set(values, "title", facts->title);
    set(values, "mark", (english ? marks_en : marks_ja)[phase]);
    set_dates(arena, values, facts);
    json_object_set_new(values, "days", json_integer(abs(days)));
    set(values, "state", english ? state_en(arena, days) : state_ja(arena, days));
    set(values, "limit_word", english ? "" : limit_ja(facts->title));
    json_object_set_new(values, "before", json_boolean(phase == BEFORE));
    json_object_set_new(values, "today", json_boolean(phase == TODAY));
    json_object_set_new(values, "after", json_boolean(phase == AFTER));
    set(values, "basis", hardness_text(facts));
    set(values, "rule", facts->rule);
    set(values, "what_to_do", (english ? next_en : next_ja)[phase]);
    set(values, "link", facts->link);
    return values;
}
