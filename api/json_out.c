/* Rows to JSON: what to do with a column is decided once per result, then values are copied. */
#include "json_out.h"

#include <assert.h>
#include <string.h>

enum { MAX_COLUMNS = 128, FIRST_USER_TYPE = 16384 };

enum form {
    FORM_UNKNOWN,
    FORM_SKIP,
    FORM_NUMBER,
    FORM_BOOL,
    FORM_JSON,
    FORM_PLAIN, /* a string in which nothing needs escaping */
    FORM_STRING,
    FORM_INSTANT,
    FORM_LOCAL /* timestamp without time zone */
};

/* Type OIDs are fixed in PostgreSQL (pg_type.dat). */
static const struct {
    unsigned type;
    enum form form;
} FORMS[] = {
    {16, FORM_BOOL},      /* bool */
    {20, FORM_NUMBER},    /* int8 */
    {21, FORM_NUMBER},    /* int2 */
    {23, FORM_NUMBER},    /* int4 */
    {700, FORM_NUMBER},   /* float4 */
    {701, FORM_NUMBER},   /* float8 */
    {1700, FORM_NUMBER},  /* numeric */
    {114, FORM_JSON},     /* json */
    {3802, FORM_JSON},    /* jsonb */
    {2950, FORM_PLAIN},   /* uuid */
    {1082, FORM_PLAIN},   /* date */
    {1083, FORM_PLAIN},   /* time */
    {1184, FORM_INSTANT}, /* timestamptz */
    {1114, FORM_LOCAL},   /* timestamp */
    {25, FORM_STRING},    /* text */
    {1043, FORM_STRING},  /* varchar */
    {1042, FORM_STRING},  /* char(n) */
    {19, FORM_STRING},    /* name */
    {18, FORM_STRING},    /* "char" */
};

struct column {
    int number;
    enum form form;
    size_t key_start; /* of ,"name": in the keys */
    size_t key_len;
};

struct columns {
    int count;
    struct text keys;
    struct column column[MAX_COLUMNS];
};

static enum form form_of(unsigned type)
{
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
        if (FORMS[i].type == type)
            return FORMS[i].form;
    return type >= FIRST_USER_TYPE ? FORM_STRING : FORM_UNKNOWN;
}

bool json_out_type_known(unsigned type_oid)
{
    return form_of(type_oid) != FORM_UNKNOWN;
}

static void columns_resolve(struct columns *columns, const struct rows *rows)
{
    assert(rows_columns(rows) <= MAX_COLUMNS);
    columns->count = 0;
    columns->keys = (struct text){0};
    for (int i = 0; i < rows_columns(rows); i++) {
        const char *name = rows_name(rows, i);
        if (name[0] == '_')
            continue;
        struct column *column = &columns->column[columns->count++];
        column->number = i;
        column->form = form_of(rows_type(rows, i));
        column->key_start = columns->keys.len;
        text_addc(&columns->keys, ',');
        text_add_json(&columns->keys, name, strlen(name));
        text_addc(&columns->keys, ':');
        column->key_len = columns->keys.len - column->key_start;
    }
}

static void add_quoted(struct text *out, const char *value, size_t len)
{
    text_addc(out, '"');
    text_add(out, value, len);
    text_addc(out, '"');
}

/* NaN and Infinity are no JSON numbers; PostgreSQL's to_jsonb makes strings of them too. */
static void add_number(struct text *out, const char *value, size_t len)
{
    char first = value[0] == '-' ? value[1] : value[0];
    if (first >= '0' && first <= '9')
        text_add(out, value, len);
    else
        add_quoted(out, value, len);
}

/* "2026-11-22 22:35:51.12+00" becomes "2026-11-22T22:35:51.12+00:00"; infinity and BC keep their words. */
static void add_time(struct text *out, const char *value, size_t len, bool zone)
{
    const char *space = memchr(value, ' ', len);
    if (space == NULL) {
        add_quoted(out, value, len);
        return;
    }
    size_t date = (size_t)(space - value);
    const char *clock = space + 1;
    const char *era = memchr(clock, ' ', len - date - 1);
    size_t clock_len = era ? (size_t)(era - clock) : len - date - 1;
    text_addc(out, '"');
    text_add(out, value, date);
    text_addc(out, 'T');
    text_add(out, clock, clock_len);
    if (zone)
        text_add(out, ":00", 3);
    if (era != NULL)
        text_adds(out, era);
    text_addc(out, '"');
}

static void add_value(struct text *out, enum form form, const char *value, size_t len)
{
    switch (form) {
    case FORM_NUMBER:
        add_number(out, value, len);
        break;
    case FORM_BOOL:
        text_adds(out, value[0] == 't' ? "true" : "false");
        break;
    case FORM_JSON:
        text_add(out, value, len);
        break;
    case FORM_PLAIN:
        add_quoted(out, value, len);
        break;
    case FORM_INSTANT:
    case FORM_LOCAL:
        add_time(out, value, len, form == FORM_INSTANT);
        break;
    default:
        text_add_json(out, value, len);
        break;
    }
}

static void add_row(struct text *out, const struct columns *columns,
                    const struct rows *rows, int row)
{
    text_addc(out, '{');
    for (int i = 0; i < columns->count; i++) {
        const struct column *column = &columns->column[i];
        size_t comma = i == 0; /* the first member has none */
        const char *value = rows_value(rows, row, column->number);
        text_add(out, columns->keys.data + column->key_start + comma,
                 column->key_len - comma);
        if (value == NULL)
            text_add(out, "null", 4);
        else
            add_value(out, column->form, value,
                      (size_t)rows_length(rows, row, column->number));
    }
    text_addc(out, '}');
}

void json_out_row(struct text *out, const struct rows *rows, int row)
{
    struct columns columns;
    columns_resolve(&columns, rows);
    add_row(out, &columns, rows, row);
    text_free(&columns.keys);
}

void json_out_list(struct text *out, const struct rows *rows, int count, const char *next)
{
    struct columns columns;
    columns_resolve(&columns, rows);
    text_adds(out, "{\"data\":[");
    for (int row = 0; row < count; row++) {
        if (row > 0)
            text_addc(out, ',');
        add_row(out, &columns, rows, row);
    }
    text_adds(out, "],\"next\":");
    if (next == NULL)
        text_adds(out, "null}");
    else {
        text_add_json(out, next, strlen(next));
        text_addc(out, '}');
    }
    text_free(&columns.keys);
}
