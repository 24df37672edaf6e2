/* Baseline packs: what their operations do, in steps. */
#include "packs.h"

#include "api/id.h"
#include "deadlines.h"

#include <string.h>

static json_t *load(struct request *rq, const char *statement, const char *column)
{
    const char *text = rows_text(request_rows(rq, statement), 0, column);
    return text ? json_loads(text, 0, NULL) : NULL;
}

static void set_json(struct request *rq, const char *name, json_t *value)
{
    request_set_json(rq, name, value);
    json_decref(value);
}

static void new_version(struct request *rq, const char *pack_id)
{
    char id[ID_TEXT];
    request_set(rq, "version_id", id_new(id));
    request_set(rq, "pack_id", pack_id);
}

/* ---- packs ---- */

static const char *given(struct request *rq, const char *name, const char *otherwise)
{
    const char *text = json_string_value(request_member(rq, name));
    return text ? text : otherwise;
}

static void describe(struct request *rq, const struct rows *shipped,
                     const json_t *details)
{
    static const char *const sizes[] = {"size_from", "size_to"};
    bool ja = rq->language == LANGUAGE_JA;
    const char *title = NULL, *text = NULL;
    if (shipped) {
        title = rows_text(shipped, 0, ja ? "title_ja" : "title_en");
        text = rows_text(shipped, 0, ja ? "text_ja" : "text_en");
    }
    request_set(rq, "pack_name", given(rq, "name", title));
    request_set(rq, "pack_description", given(rq, "description", text));
    request_set(
        rq, "pack_industry",
        given(rq, "industry", json_string_value(json_object_get(details, "industry"))));
    for (int i = 0; i < 2; i++) {
        const json_t *size = request_member(rq, sizes[i]);
        if (!json_is_integer(size))
            size = json_object_get(details, sizes[i]);
        char *name = arena_printf(rq->arena, "pack_%s", sizes[i]);
        if (json_is_integer(size))
            request_set_int(rq, name, json_integer_value(size));
        else
            request_set(rq, name, NULL);
    }
}

static bool pack_new(struct request *rq)
{
    const struct rows *shipped = request_rows(rq, "loadShippedPack");
    bool named = json_is_string(request_member(rq, "code"));
    json_t *details = load(rq, "loadShippedPack", "details");
    const json_t *items =
        named ? json_object_get(details, "items") : request_member(rq, "items");
    if (named && rows_count(shipped) == 0)
        refuse_field(rq, "/code", "not_found_reference", NULL);
    if (named && request_member(rq, "items"))
        refuse_field(rq, "/items", "not_allowed_here", "code");
    if (!named && !json_is_string(request_member(rq, "name")))
        refuse_field(rq, "/name", "required", NULL);
    describe(rq, shipped, details);
    json_t *copy = items ? json_deep_copy(items) : json_array();
    bool good = pack_items_judge(rq, copy);
    set_json(rq, "items", copy);
    json_decref(details);
    request_set(rq, "note", NULL);
    new_version(rq, request_value(rq, "new_id", NULL));
    return good && rq->problem.code == PROBLEM_NONE;
}

static bool pack_publish(struct request *rq)
{
    new_version(rq, request_parameter(rq, "pack_id"));
    return pack_items_judge(rq, request_member(rq, "items"));
}

static bool from_this_client(struct request *rq)
{
    request_set(rq, "source_client_id", request_parameter(rq, "client_id"));
    return true;
}

static bool pack_of_client(struct request *rq)
{
    describe(rq, NULL, NULL);
    set_json(rq, "items", load(rq, "loadClientItems", "items"));
    request_set(rq, "code", NULL);
    request_set(rq, "note", NULL);
    new_version(rq, request_value(rq, "new_id", NULL));
    return true;
}

const struct step create_pack[] = {
    {.sql = "loadShippedPack", .optional = true},
    {.compute = pack_new},
    {.sql = "insertPack"},
    {.sql = "insertPackVersion"},
    {.sql = "getPack"},
    {0},
};
const struct step publish_pack[] = {
    {.sql = "lockPack"},          {.compute = pack_publish}, {.sql = "nextPackVersion"},
    {.sql = "insertPackVersion"}, {.sql = "getPack"},        {0},
};
const struct step make_pack_of_client[] = {
    {.sql = "requirePackClient"}, {.compute = from_this_client},
    {.sql = "loadClientItems"},   {.compute = pack_of_client},
    {.sql = "insertPack"},        {.sql = "insertPackVersion"},
    {.sql = "getPack"},           {0},
};

/* ---- into clients ---- */

static void keep_report(struct request *rq, json_t *report)
{
    set_json(rq, "report", report);
}

/* Named persons exist, also when nothing is planned for them. */
static bool judge_owner(struct request *rq)
{
    return rows_count(request_rows(rq, "findPackOwner")) > 0 ||
           refuse_field(rq, "/owner_person_id", "not_found_reference", NULL);
}

static bool apply(struct request *rq)
{
    judge_owner(rq);
    if (rows_count(request_rows(rq, "lockPack")) == 0)
        return refuse_field(rq, "/pack_id", "not_found_reference", NULL);
    json_t *items = load(rq, "lockPack", "items");
    json_t *copied = load(rq, "loadPackCopies", "copied");
    struct pack_copying copying = {
        .rq = rq,
        .items = items,
        .copied = copied,
        .locale = rows_text(request_rows(rq, "requirePackClient"), 0, "locale"),
        .kinds = request_member(rq, "kinds"),
    };
    keep_report(rq, pack_items_copy(&copying));
    request_set(rq, "pack_no", rows_text(request_rows(rq, "lockPack"), 0, "no"));
    request_set(rq, "pack_origin", "pack");
    json_decref(items);
    json_decref(copied);
    return rq->problem.code == PROBLEM_NONE;
}

static bool other_client(struct request *rq)
{
    request_set(rq, "source_client_id",
                json_string_value(request_member(rq, "from_client_id")));
    return true;
}

static bool copy(struct request *rq)
{
    judge_owner(rq);
    if (rows_count(request_rows(rq, "requireSourceClient")) == 0)
        return refuse_field(rq, "/from_client_id", "not_found_reference", NULL);
    if (strcmp(request_value(rq, "source_client_id", NULL),
               request_parameter(rq, "client_id")) == 0)
        return refuse_field(rq, "/from_client_id", "self_reference", NULL);
    json_t *items = load(rq, "loadClientItems", "items");
    json_t *copied = load(rq, "loadClientCopies", "copied");
    struct pack_copying copying = {
        .rq = rq, .items = items, .copied = copied, .locale = "ja"};
    keep_report(rq, pack_items_copy(&copying));
    request_set(rq, "pack_origin", "copy");
    json_decref(items);
    json_decref(copied);
    return rq->problem.code == PROBLEM_NONE;
}

static json_t *counts_of(const json_t *report, const char *result)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < json_array_size(report); i++) {
        const json_t *line = json_array_get(report, i);
        const char *kind = json_string_value(json_object_get(line, "kind"));
        if (strcmp(json_string_value(json_object_get(line, "result")), result) == 0)
            json_object_set_new(
                counts, kind,
                json_integer(json_integer_value(json_object_get(counts, kind)) + 1));
    }
    return counts;
}

static bool answer_report(struct request *rq)
{
    json_t *report = json_loads(request_value(rq, "report", NULL), 0, NULL);
    request_reply_json(rq, json_pack("{s:s, s:o, s:o, s:o}", "client_id",
                                     request_parameter(rq, "client_id"), "copied",
                                     counts_of(report, "copied"), "skipped",
                                     counts_of(report, "skipped"), "items", report));
    return true;
}

const struct step apply_pack[] = {
    {.sql = "requirePackClient"},
    {.sql = "lockPack", .optional = true},
    {.sql = "loadPackCopies"},
    {.sql = "findPackOwner", .optional = true},
    {.compute = apply},
    COPY_ITEMS,
    STORE_DEADLINES,
    {.sql = "rememberCopies", .optional = true},
    {.compute = answer_report},
    {0},
};
const struct step copy_client[] = {
    {.sql = "requirePackClient"},
    {.compute = other_client},
    {.sql = "requireSourceClient", .optional = true},
    {.sql = "loadClientItems"},
    {.sql = "lockClientCopies"},
    {.sql = "loadClientCopies"},
    {.sql = "findPackOwner", .optional = true},
    {.compute = copy},
    COPY_ITEMS,
    STORE_DEADLINES,
    {.sql = "rememberClientCopies", .optional = true},
    {.compute = answer_report},
    {0},
};

/* ---- what a newer version brings ---- */

static bool everything(struct request *rq)
{
    request_set(rq, "all", "true");
    return true;
}

static const json_t *find_line(const json_t *lines, const char *key)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        if (strcmp(json_string_value(json_object_get(line, "key")), key) == 0)
            return line;
    }
    return NULL;
}

/* Members that the pack changed; those that the client changed too stay as they are unless they are to be overwritten. */
static json_t *take_line(const json_t *line, bool overwrite, json_t *taken)
{
    json_t *changes = json_object(), *base = json_object(), *kept = json_array();
    json_t *members = json_object_get(line, "members");
    for (size_t i = 0; i < json_array_size(members); i++) {
        const json_t *member = json_array_get(members, i);
        const char *name = json_string_value(json_object_get(member, "member"));
        json_t *pack = json_object_get(member, "pack");
        if (!json_is_true(json_object_get(member, "pack_changed")))
            continue;
        json_object_set(base, name, pack);
        if (overwrite || !json_is_true(json_object_get(member, "mine_changed")))
            json_object_set(changes, name, pack);
        else if (!json_equal(pack, json_object_get(member, "mine")))
            json_array_append(kept, json_object_get(member, "member"));
    }
    json_array_append_new(taken, json_pack("{s:O, s:O, s:O, s:o, s:o}", "key",
                                           json_object_get(line, "key"), "kind",
                                           json_object_get(line, "kind"), "id",
                                           json_object_get(line, "object_id"), "changes",
                                           changes, "base", base));
    return kept;
}

static void take_one(struct request *rq, const json_t *lines, size_t place, json_t *keys,
                     json_t *taken, json_t *report)
{
    const json_t *wanted = json_array_get(request_member(rq, "items"), place);
    const char *key = json_string_value(json_object_get(wanted, "key"));
    const json_t *line = find_line(lines, key);
    const char *state = json_string_value(json_object_get(line, "state"));
    if (!line) {
        refuse_field(rq, arena_printf(rq->arena, "/items/%zu/key", place),
                     "not_found_reference", NULL);
        return;
    }
    if (strcmp(state, "new") == 0) {
        json_array_append(keys, json_object_get(wanted, "key"));
        return;
    }
    json_t *kept =
        strcmp(state, "changed") == 0
            ? take_line(line, json_is_true(json_object_get(wanted, "overwrite")), taken)
            : json_array();
    json_array_append_new(
        report,
        json_pack("{s:s, s:O, s:O, s:s, s:o}", "key", key, "kind",
                  json_object_get(line, "kind"), "id", json_object_get(line, "object_id"),
                  "result", strcmp(state, "changed") == 0 ? "changed" : "unchanged",
                  "kept", kept));
}

static bool take(struct request *rq)
{
    judge_owner(rq);
    json_t *lines = load(rq, "loadPackDifference", "items");
    json_t *items = load(rq, "lockPack", "items");
    json_t *copied = load(rq, "loadPackCopies", "copied");
    json_t *keys = json_array(), *taken = json_array(), *report = json_array();
    for (size_t i = 0; i < json_array_size(request_member(rq, "items")); i++)
        take_one(rq, lines, i, keys, taken, report);
    struct pack_copying copying = {
        .rq = rq,
        .items = items,
        .copied = copied,
        .locale = rows_text(request_rows(rq, "requirePackClient"), 0, "locale"),
        .keys = keys,
    };
    json_t *made = pack_items_copy(&copying);
    json_array_extend(report, made);
    json_decref(made);
    set_json(rq, "taken", taken);
    keep_report(rq, report);
    request_set(rq, "pack_no", rows_text(request_rows(rq, "lockPack"), 0, "no"));
    request_set(rq, "pack_origin", "pack");
    json_decref(keys);
    json_decref(copied);
    json_decref(items);
    json_decref(lines);
    return rq->problem.code == PROBLEM_NONE;
}

static bool answer_taken(struct request *rq)
{
    json_t *report = json_loads(request_value(rq, "report", NULL), 0, NULL);
    request_reply_json(rq,
                       json_pack("{s:s, s:o}", "client_id",
                                 request_parameter(rq, "client_id"), "items", report));
    return true;
}

const struct step get_pack_difference[] = {{.sql = "loadPackDifference"}, {0}};
const struct step take_pack_items[] = {
    {.sql = "requirePackClient"},
    {.sql = "lockPack"},
    {.sql = "loadPackCopies"},
    {.compute = everything},
    {.sql = "loadPackDifference"},
    {.sql = "findPackOwner", .optional = true},
    {.compute = take},
    {.sql = "takeContextIssues", .optional = true},
    {.sql = "takeInterestedPartys", .optional = true},
    {.sql = "takeAssets", .optional = true},
    {.sql = "takeRisks", .optional = true},
    {.sql = "takeTreatments", .optional = true},
    {.sql = "takeObjectives", .optional = true},
    {.sql = "takeLegalRequirements", .optional = true},
    {.sql = "takeTrainings", .optional = true},
    {.sql = "takeTasks", .optional = true},
    {.sql = "takeChecklistQuestions", .optional = true},
    {.sql = "keepTakenRevisions", .optional = true},
    {.sql = "renewBases", .optional = true},
    COPY_ITEMS,
    STORE_DEADLINES,
    {.sql = "rememberCopies", .optional = true},
    {.compute = answer_taken},
    {0},
};
