/* The table of audit kinds. */
#include "services/scheduling/audit_kinds.h"

#include <string.h>
#include <strings.h>

static const struct audit_kind kinds[] = {
    {"internal",
     "内部監査",
     "internal audit",
     {"社内監査", "first-party audit"},
     false,
     true},
    {"pre_audit",
     "予備審査",
     "pre-audit",
     {"事前審査", "プレ審査", "gap audit"},
     true,
     false},
    {"stage1",
     "第一段階審査",
     "stage 1 audit",
     {"一次審査", "ステージ1", "ST1", "文書審査", "initial_stage1"},
     true,
     true},
    {"stage2",
     "第二段階審査",
     "stage 2 audit",
     {"二次審査", "ステージ2", "ST2", "実地審査", "本審査", "initial_stage2"},
     true,
     true},
    {"surveillance",
     "サーベイランス審査",
     "surveillance audit",
     {"維持審査", "継続審査", "定期審査", "年次審査"},
     true,
     true},
    {"recertification",
     "再認証審査",
     "recertification audit",
     {"更新審査", "renewal audit"},
     true,
     true},
    {"change",
     "変更審査",
     "change audit",
     {"移転審査", "特別審査", "臨時審査", "special_move", "relocation audit"},
     true,
     false},
    {"scope_extension",
     "拡大審査",
     "scope extension audit",
     {"範囲拡大審査", "特別審査", "special_scope_ext"},
     true,
     false},
    {"scope_reduction",
     "縮小審査",
     "scope reduction audit",
     {"範囲縮小審査", "special_scope_red"},
     true,
     false},
    {"transfer",
     "認証機関移転審査",
     "transfer review",
     {"認証機関移転(調査)", "認証機関移転", "登録移転"},
     true,
     false},
    {"follow_up",
     "フォローアップ審査",
     "follow-up audit",
     {"確認審査", "再審査"},
     true,
     false},
    {"short_notice",
     "短期予告審査",
     "short-notice audit",
     {"臨時審査", "unannounced audit"},
     true,
     false},
    {"transition", "移行審査", "transition audit", {"規格移行審査"}, true, false},
};

const struct audit_kind *audit_kind_at(size_t index)
{
    return index < sizeof kinds / sizeof *kinds ? &kinds[index] : NULL;
}

const struct audit_kind *audit_kind_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static bool contains(const char *name, const char *text)
{
    size_t len = strlen(text);
    for (; *name; name++) {
        if (strncasecmp(name, text, len) == 0)
            return true;
    }
    return len == 0;
}

bool audit_kind_is_called(const struct audit_kind *kind, const char *text)
{
    bool called = contains(kind->name, text) || contains(kind->ja, text) ||
                  contains(kind->en, text);
    for (const char *const *word = kind->words; !called && *word; word++)
        called = contains(*word, text);
    return called;
}
