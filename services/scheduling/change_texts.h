/* What is said about changes, each text in both languages. */
#ifndef MEGURI_SCHEDULING_CHANGE_TEXTS_H
#define MEGURI_SCHEDULING_CHANGE_TEXTS_H

#include "api/problem.h"
#include "services/scheduling/rules/change_options.h"

struct change_text {
    const char *ja, *en;
};

/* The one in that language; static. */
const char *change_say(enum language language, const struct change_text *text);

/* "拠点移転", "relocation": in the middle of a sentence. Every kind of the contract and of change_kind_find has one. */
const struct change_text *change_subject(const char *kind);
/* What to ask the client about every month (CHG-06). */
const struct change_text *change_question(enum change_family family);

const struct change_text *change_variant_title(enum change_variant variant);
/* What the variant means for a change of that family. */
const struct change_text *change_variant_text(enum change_variant variant,
                                              enum change_family family);
const struct change_text *change_obstacle_text(enum change_obstacle obstacle);
const struct change_text *change_reason_text(enum change_reason reason);
/* The rule that a reason stands on. */
const char *change_reason_rule(enum change_reason reason);

/* What the body calls the audit: 移転審査, 拡大審査, 縮小審査, 変更審査, 短期予告審査 (rules 2.2). */
const struct change_text *change_audit_title(enum change_family family);
/* Its kind in the contract. */
const char *change_audit_kind(enum change_family family);

/* move_warning, by code; NULL for MOVE_WARNING_NONE. */
const struct change_text *change_warning_text(enum move_warning warning);
const char *change_warning_code(enum move_warning warning);
/* What can be done about such a warning (CHG-05): 0, 1, 2; NULL behind the last. */
const char *change_offer_name(int offer);
const struct change_text *change_offer_text(int offer);

enum change_note {
    NOTE_NO_QUOTE, /* why there is no price */
    NOTE_NO_RATE,
    NOTE_NO_HEAD_COUNT,
    NOTE_ABOVE_TABLE,
    NOTE_WITH_ISMS, /* an add-on is audited together with the ISMS */
    NOTE_BRACKET_UP,
    NOTE_BRACKET_DOWN,
    NOTE_BRACKET_STAYS,
    NOTE_PERSONS_UNKNOWN,
    NOTE_SAMPLE,
    NOTE_STAGE1_REPEAT,
    NOTE_NOTICE_LATE,
    NOTE_SUSPENDED,
    NOTE_EXPIRES_FIRST,
    NOTE_NOT_COVERED, /* what is new carries no mark before the body accepts it */
    NOTE_REMOVE_MARK,
    NOTE_REISSUE, /* CHG-07 */
    CHANGE_NOTES
};
const struct change_text *change_note(enum change_note note);
const char *change_note_code(enum change_note note);
const char *change_note_rule(enum change_note note);

#endif
