/* Warnings of an audit: what is allowed and yet worth a look. Nothing here refuses. */
#include "services/scheduling/audit_detail.h"

#include "api/business_day.h"
#include "api/text.h"
#include "services/scheduling/audit_kinds.h"
#include "services/scheduling/audit_state.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/rules/season.h"
#include "services/scheduling/rules/stages.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CLOSED_DAYS = 10 };

static json_t *message(const char *format, const char *text)
{
    const char *hole = strstr(format, "{}");
    if (!hole)
        return json_string(format);
    return json_sprintf("%.*s%s%s", (int)(hole - format), format, text ? text : "",
                        hole + 2);
}

void audit_warn(struct audit_view *view, const char *code, const char *rule,
                const char *format_ja, const char *format_en, const char *text)
{
    json_array_append_new(view->warnings,
                          json_pack("{s:s, s:s?, s:o, s:o}", "code", code, "rule", rule,
                                    "message_ja", message(format_ja, text), "message_en",
                                    message(format_en, text)));
}

static bool is_kind(const struct audit_view *view, const char *kind)
{
    return strcmp(view_text(view, "kind"), kind) == 0;
}

static enum audit_status status_of(const struct audit_view *view)
{
    enum audit_status status = AUDIT_STATUS_PLANNED;
    audit_status_parse(view_text(view, "status"), &status);
    return status;
}

static const char *day_text(const struct audit_view *view, struct civil day)
{
    return civil_text(view->rq->arena, day);
}

/* ---- days ---- */

/* The rule that sets the limit of this kind of audit. */
static const char *limit_rule(const struct audit_view *view)
{
    if (is_kind(view, "surveillance"))
        return view->facts.certification.after_recertification ? "SUR-03" : "SUR-01";
    return is_kind(view, "recertification") ? "REC-01" : "INI-02";
}

static void warn_window(struct audit_view *view)
{
    struct civil start = view_date(view, "window_start");
    struct civil end = view_date(view, "window_end");
    struct civil hard = view_date(view, "hard_limit");
    if (!civil_is_none(hard) && civil_before(hard, view->last))
        audit_warn(view, "hard_limit_passed", limit_rule(view),
                   "予定日が期限（{}）を過ぎています。この期限は動かせません。",
                   "The planned days are later than {}, a limit that nobody can move.",
                   day_text(view, hard));
    else if (!civil_is_none(end) && civil_before(end, view->last))
        audit_warn(view, "after_window", "SUR-02",
                   "予定日が実施可能期間の末日（{}）より後です。",
                   "The planned days are later than the end of the window, {}.",
                   day_text(view, end));
    if (!civil_is_none(start) && civil_before(view->first, start))
        audit_warn(view, "before_window", "SUR-02",
                   "予定日が実施可能期間の初日（{}）より前です。",
                   "The planned days are earlier than the window, which opens on {}.",
                   day_text(view, start));
}

/* PLN-05. Once days are offered, it is too late to ask for them; what is left is that everybody's calendar is full. */
static void warn_season(struct audit_view *view)
{
    unsigned busy = (unsigned)view->facts.policies.busy_months;
    struct civil book_by = season_book_by(view->first);
    if (!season_is_busy(view->first, busy) && !season_is_busy(view->last, busy))
        return;
    if (audit_status_needs_days(status_of(view)))
        audit_warn(
            view, "busy_month", "PLN-05",
            "審査が混み合う月です。日程を変えると代わりの日が見つかりにくくなります。",
            "A busy month: other days will be hard to find if these move.", NULL);
    else if (civil_before(book_by, view->facts.today))
        audit_warn(
            view, "busy_month", "PLN-05",
            "審査が混み合う月です。打診の目安（{}）を過ぎているため、至急日程を確認し"
            "てください。",
            "A busy month, and the day to ask for it, {}, has passed: ask at once.",
            day_text(view, book_by));
    else
        audit_warn(
            view, "busy_month", "PLN-05",
            "審査が混み合う月です。遅くとも {} までに認証機関へ日程を打診してください。",
            "Bodies are busy in this month: ask for the date by {}.",
            day_text(view, book_by));
}

/* CAL-04, CAL-05 */
static void warn_closed(struct audit_view *view)
{
    struct text days _text_auto_ = {0};
    const struct business_calendar calendar = plan_calendar(&view->facts);
    int found = 0;
    for (struct civil day = view->first;
         civil_compare(day, view->last) <= 0 && found < MOST_CLOSED_DAYS;
         day = civil_add_days(day, 1)) {
        if (!business_day_is_closed(&calendar, day))
            continue;
        found++;
        text_addf(&days, "%s%s", days.len ? ", " : "", day_text(view, day));
    }
    if (found)
        audit_warn(view, "closed_day", "CAL-04",
                   "休業日（土日、祝日、年末年始）を含みます: {}。",
                   "Closed days (weekend, holiday, year end) are among them: {}.",
                   days.data);
}

/* INI-02 */
static void warn_stage_gap(struct audit_view *view)
{
    const struct stage_gap_facts facts = {
        .stage1_last_day = view->facts.certification.stage1_last_day,
        .stage2_first_day = view->first,
        .min_days = view->facts.policies.stage_gap_min_days,
        .max_months = view->facts.policies.stage_gap_max_months,
    };
    if (!is_kind(view, "stage2") || civil_is_none(facts.stage1_last_day))
        return;
    enum stage_gap_code code = stage_gap_check(&facts).code;
    const char *stage1 = day_text(view, facts.stage1_last_day);
    if (code == STAGE_GAP_REPEAT_STAGE1_REVIEW)
        audit_warn(view, "repeat_stage1_review", "INI-02",
                   "第一段階審査（{}）から間が空きすぎており、第一段階の見直しが必要にな"
                   "ることがあります。",
                   "So long after stage 1 ({}) its review may have to be repeated.",
                   stage1);
    else if (code != STAGE_GAP_OK)
        audit_warn(view, "stage_gap_too_short", "INI-02",
                   "第一段階審査（{}）の指摘に対応する時間が足りません。",
                   "Too soon after stage 1 ({}) to resolve what it raised.", stage1);
}

void audit_warn_days(struct audit_view *view)
{
    enum audit_status status = status_of(view);
    if (civil_is_none(view->first) || status == AUDIT_STATUS_CANCELLED ||
        audit_status_took_place(status))
        return;
    warn_window(view);
    warn_season(view);
    warn_closed(view);
    warn_stage_gap(view);
}

/* ---- team and plan ---- */

static void warn_team(struct audit_view *view, enum audit_status status)
{
    const char *other = view_text(view, "of_other_body");
    if (audit_status_needs_days(status) && !view_true(view, "has_lead"))
        audit_warn(view, "no_lead", NULL, "リーダー審査員が決まっていません。",
                   "There is no lead auditor yet.", NULL);
    if (view_true(view, "has_objection"))
        audit_warn(view, "open_objection", "INI-05",
                   "審査員に対する依頼者の異議に未回答です。",
                   "The client's objection to an auditor is not answered.", NULL);
    if (other && !is_kind(view, "transfer"))
        audit_warn(view, "auditor_of_other_body", "INI-05",
                   "この認証の認証機関に属さない審査員がいます: {}。",
                   "Not of this certification's body: {}.", other);
}

static int number(const struct audit_view *view, const char *name)
{
    const char *text = view_text(view, name);
    return text ? (int)strtol(text, NULL, 10) : 0;
}

/* Audits that look at every department and at top management. */
static bool looks_at_all(const struct audit_view *view)
{
    return is_kind(view, "stage2") || is_kind(view, "surveillance") ||
           is_kind(view, "recertification") || is_kind(view, "internal");
}

static void warn_slots(struct audit_view *view)
{
    const char *left = view_text(view, "departments_left");
    const char *small = view_text(view, "small_room");
    if (looks_at_all(view) && left)
        audit_warn(view, "department_without_slot", NULL,
                   "適用範囲内で計画に入っていない部門があります: {}。",
                   "In scope and not in the plan: {}.", left);
    if (looks_at_all(view) && !view_true(view, "has_top_management"))
        audit_warn(view, "no_top_management_interview", NULL,
                   "トップマネジメントのインタビューが計画に入っていません。",
                   "The plan has no interview of top management.", NULL);
    if (small)
        audit_warn(view, "room_too_small", NULL, "定員を超える会議室があります: {}。",
                   "Rooms with fewer places than participants: {}.", small);
    if (view_true(view, "has_unbooked"))
        audit_warn(
            view, "not_booked", NULL,
            "参加者の予約が取れていない予定があります。予定を保存し直してください。",
            "Some of the plan is not booked any more: save it again.", NULL);
}

/* AT-07: no hard stop, but a reason belongs to it. */
static void warn_remote(struct audit_view *view)
{
    int minutes = number(view, "minutes"), remote = number(view, "remote_minutes");
    int most = view->facts.policies.max_remote_pct;
    if (minutes == 0 || remote * 100 <= minutes * most ||
        view_text(view, "remote_justification"))
        return;
    audit_warn(view, "remote_share", "AT-07",
               "リモートの割合が目安（{}％）を超えています。理由を記録してください。",
               "More than {} % of the time is remote: record why.",
               arena_printf(view->rq->arena, "%d", most));
}

void audit_warn_plan(struct audit_view *view)
{
    enum audit_status status = status_of(view);
    const char *recommendation = view_text(view, "recommendation");
    if (recommendation && strcmp(recommendation, "recommended") == 0 &&
        view_true(view, "has_open_major"))
        audit_warn(view, "recommended_with_open_major", "NC-01",
                   "重大な不適合の是正が検証されていないのに推薦とされています。",
                   "Recommended although a major nonconformity is not verified.", NULL);
    if (status == AUDIT_STATUS_CANCELLED || audit_status_took_place(status))
        return;
    warn_team(view, status);
    if (view_text(view, "absent"))
        audit_warn(view, "participant_absent", NULL,
                   "予定の時間に不在の参加者がいます: {}。",
                   "Away at the time of their slot: {}.", view_text(view, "absent"));
    if (number(view, "slots") > 0)
        warn_slots(view);
    warn_remote(view);
}
