/* Real data where there is some, else made-up. */
#include "mail_samples.h"

#include "digest.h"
#include "texts.h"
#include "webhook_notice.h"

#include <stdbool.h>
#include <string.h>

static struct civil day_of(const char *text)
{
    struct civil day = CIVIL_NONE;
    civil_parse(text, &day);
    return day;
}

static json_t *reminder_sample(struct arena *arena, const char *language,
                               const struct rows *rows)
{
    bool found = rows && rows_count(rows) > 0, english = strcmp(language, "en") == 0;
    struct reminder_text facts = {
        .language = language,
        .client_name = english ? "Minato Soft Ltd." : "株式会社ミナトソフト",
        .title = english ? "Hold the first surveillance audit"
                         : "第1回サーベイランス審査を受ける",
        .due_on = day_of("2026-02-13"),
        .raw_on = day_of("2026-02-14"),
        .today = day_of("2026-01-14"),
        .rule = "SUR-01",
        .hardness = "hard",
    };
    if (found)
        facts = (struct reminder_text){.language = language,
                                       .client_name = rows_text(rows, 0, "client_name"),
                                       .title = rows_text(rows, 0, "title"),
                                       .due_on = day_of(rows_text(rows, 0, "due_on")),
                                       .raw_on = day_of(rows_text(rows, 0, "raw_on")),
                                       .today = day_of(rows_text(rows, 0, "today")),
                                       .rule = rows_text(rows, 0, "rule"),
                                       .hardness = rows_text(rows, 0, "hardness")};
    return reminder_values(arena, &facts);
}

static json_t *webhook_sample(const struct rows *rows)
{
    if (rows && rows_count(rows) > 0)
        return webhook_notice_values(rows, 0);
    return json_pack("{s:s, s:s, s:s, s:b, s:s}", "endpoint_id",
                     "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a20", "name", "portal", "url",
                     "https://portal.example/hooks", "gone", false, "last_error",
                     "503 Service Unavailable");
}

json_t *mail_sample(struct arena *arena, const char *kind, const char *language,
                    const struct mail_sample_rows *rows)
{
    if (strcmp(kind, "reminder") == 0)
        return reminder_sample(arena, language, rows->reminder);
    if (strcmp(kind, "digest") == 0)
        return digest_values(rows->digest, language);
    return webhook_sample(rows->endpoint);
}
