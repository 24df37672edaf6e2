/* Texts of reminders. Each language has its own sentences; nothing is glued from words. */
#include "texts.h"

#include "api/text.h"

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

static const char *subject_ja(struct arena *arena, const struct reminder_text *facts)
{
    const char *date = date_ja(arena, facts->due_on), *limit = limit_ja(facts->title);
    int days = days_left(facts);
    switch (phase_of(facts)) {
    case BEFORE:
        return arena_printf(arena, "【期限】%s：%s%sまであと%d日（%s）",
                            facts->client_name, facts->title, limit, days, date);
    case TODAY:
        return arena_printf(arena, "【本日期限】%s：%s%sは本日です（%s）",
                            facts->client_name, facts->title, limit, date);
    case AFTER:
        break;
    }
    return arena_printf(arena, "【期限超過】%s：%s%sを%d日過ぎています（%s）",
                        facts->client_name, facts->title, limit, -days, date);
}

static void add_date_ja(struct arena *arena, struct text *out,
                        const struct reminder_text *facts)
{
    int days = days_left(facts);
    text_addf(out, "期限：%s　", weekday_date_ja(arena, facts->due_on));
    if (days == 0)
        text_adds(out, "本日\n");
    else
        text_addf(out, days > 0 ? "あと%d日\n" : "%d日超過\n", abs(days));
    if (!civil_same(facts->due_on, facts->raw_on))
        text_addf(out,
                  "　　　（本来の期日は%s。休業日にあたるため営業日に合わせています）\n",
                  weekday_date_ja(arena, facts->raw_on));
}

static void body_ja(struct arena *arena, struct text *out,
                    const struct reminder_text *facts, const char *hardness)
{
    text_addf(out,
              "%s 様\n\n"
              "%sの期限についてお知らせします。\n\n"
              "対象：%s\n"
              "内容：%s\n",
              facts->receiver_name, facts->client_name, facts->client_name, facts->title);
    add_date_ja(arena, out, facts);
    text_addf(out, "根拠：%s", hardness);
    if (facts->rule)
        text_addf(out, "（規則 %s）", facts->rule);
    text_addf(out, "\n\n■ お願い\n%s\n\n", next_ja[phase_of(facts)]);
    if (facts->link)
        text_addf(out, "■ 確認済みにする・あとで再通知する\n%s\n\n", facts->link);
    text_addf(out,
              "--\n"
              "%s\n"
              "このメールは%sがMeguriから自動送信しています。\n",
              facts->sender_name, facts->consultancy_name);
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

/* "due in 30 days", "due today", "overdue by 7 days" */
static const char *state_en(struct arena *arena, const struct reminder_text *facts)
{
    int days = days_left(facts);
    if (days == 0)
        return "due today";
    return days > 0 ? arena_printf(arena, "due in %s", days_en(arena, days))
                    : arena_printf(arena, "overdue by %s", days_en(arena, -days));
}

static const char *subject_en(struct arena *arena, const struct reminder_text *facts)
{
    static const char *const marks[] = {"Deadline", "Due today", "Overdue"};
    return arena_printf(arena, "[%s] %s: %s %s (%s)", marks[phase_of(facts)],
                        facts->client_name, facts->title, state_en(arena, facts),
                        date_en(arena, facts->due_on));
}

static void body_en(struct arena *arena, struct text *out,
                    const struct reminder_text *facts, const char *hardness)
{
    text_addf(out,
              "Dear %s,\n\n"
              "This is a reminder of a deadline of %s.\n\n"
              "Client: %s\n"
              "What:   %s\n"
              "Due:    %s (%s)\n",
              facts->receiver_name, facts->client_name, facts->client_name, facts->title,
              weekday_date_en(arena, facts->due_on), state_en(arena, facts));
    if (!civil_same(facts->due_on, facts->raw_on))
        text_addf(out, "        (the date itself is %s; moved to a business day)\n",
                  weekday_date_en(arena, facts->raw_on));
    text_addf(out, "Why:    %s", hardness);
    if (facts->rule)
        text_addf(out, " (rule %s)", facts->rule);
    text_addf(out, "\n\nWhat to do next\n%s\n\n", next_en[phase_of(facts)]);
    if (facts->link)
        text_addf(out, "Acknowledge, or be reminded later\n%s\n\n", facts->link);
    text_addf(out,
              "-- \n"
              "%s\n"
              "%s sends this mail automatically from Meguri.\n",
              facts->sender_name, facts->consultancy_name);
}

/* ---- both ---- */

const char *reminder_subject(struct arena *arena, const struct reminder_text *facts)
{
    return is_english(facts) ? subject_en(arena, facts) : subject_ja(arena, facts);
}

static const char *hardness_text(const struct reminder_text *facts)
{
    enum { COUNT = sizeof hardness_texts / sizeof *hardness_texts };
    size_t i = 0;
    while (i < COUNT - 1 && strcmp(hardness_texts[i].hardness, facts->hardness) != 0)
        i++;
    return is_english(facts) ? hardness_texts[i].en : hardness_texts[i].ja;
}

const char *reminder_body(struct arena *arena, const struct reminder_text *facts)
{
    struct text out _text_auto_ = {0};
    if (is_english(facts))
        body_en(arena, &out, facts, hardness_text(facts));
    else
        body_ja(arena, &out, facts, hardness_text(facts));
    return arena_strndup(arena, out.data, out.len);
}
