/* Reads and writes comma-separated values in the encodings that spreadsheets use. */
#include "csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";
static const char geta[] = "\x81\xac"; /* U+3013 in CP932 */

/* ---- encodings ---- */

static bool is_cp932_name(const char *name)
{
    static const char *const names[] = {"shift_jis", "shift-jis", "sjis",
                                        "cp932",     "ms932",     "windows-31j"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static const char *from_cp932(struct arena *arena, const char *bytes, size_t len,
                              size_t *ret_len, size_t *ret_at)
{
    iconv_t converter = iconv_open("UTF-8", "CP932");
    size_t room = len * 3, left = len;
    char *text = arena_alloc(arena, room + 1), *out = text;
    char *in = (char *)(uintptr_t)bytes;
    size_t done = iconv(converter, &in, &left, &out, &room);
    iconv_close(converter);
    *ret_at = len - left;
    *ret_len = (size_t)(out - text);
    return done == (size_t)-1 ? NULL : text;
}

const char *csv_decode(struct arena *arena, const char *bytes, size_t len,
                       const char *wanted, size_t *ret_len, size_t *ret_at)
{
    bool marked = len >= 3 && memcmp(bytes, byte_order_mark, 3) == 0;
    size_t valid = text_utf8_valid(bytes, len);
    bool utf8 = wanted ? !is_cp932_name(wanted) : marked || valid == len;
    if (!utf8)
        return from_cp932(arena, bytes, len, ret_len, ret_at);
    *ret_at = valid;
    *ret_len = len - (marked ? 3 : 0);
    return valid == len ? bytes + (marked ? 3 : 0) : NULL;
}

/* Length of the UTF-8 character that begins here. */
static size_t character(const char *at)
{
    unsigned char c = (unsigned char)*at;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void to_cp932(const struct text *utf8, struct text *ret, int *ret_lost)
{
    iconv_t converter = iconv_open("CP932", "UTF-8");
    char *in = utf8->data;
    size_t left = utf8->len;
    while (left > 0) {
        char *out = text_reserve(ret, left * 2 + 2);
        char *start = out;
        size_t room = left * 2 + 2;
        size_t done = iconv(converter, &in, &left, &out, &room);
        ret->len += (size_t)(out - start);
        if (done != (size_t)-1 || left == 0)
            break;
        size_t skip = character(in);
        text_add(ret, geta, 2);
        in += skip;
        left -= skip < left ? skip : left;
        ++*ret_lost;
    }
    iconv_close(converter);
}

void csv_encode(const struct text *utf8, enum csv_encoding encoding, struct text *ret,
                int *ret_lost)
{
    *ret_lost = 0;
    if (encoding == CSV_CP932) {
        to_cp932(utf8, ret, ret_lost);
        return;
    }
    if (encoding == CSV_UTF8_BOM)
        text_adds(ret, byte_order_mark);
    text_add(ret, utf8->data, utf8->len);
}

/* ---- reading ---- */

struct reader {
    struct arena *arena;
    const char *at, *end;
    int line;
    char **fields; /* of the record being read */
    int count, room;
};

static bool ends_record(const struct reader *reader)
{
    return reader->at == reader->end || *reader->at == '\n' || *reader->at == '\r';
}

static void keep_field(struct reader *reader, const char *start, size_t len)
{
    while (len > 0 && (start[len - 1] == ' ' || start[len - 1] == '\t'))
        len--;
    while (len > 0 && (*start == ' ' || *start == '\t')) {
        start++;
        len--;
    }
    if (reader->count == reader->room) {
        int room = reader->room ? reader->room * 2 : 32;
        char **more = arena_alloc(reader->arena, (size_t)room * sizeof *more);
        if (reader->count)
            memcpy(more, reader->fields, (size_t)reader->count * sizeof *more);
        reader->fields = more;
        reader->room = room;
    }
    reader->fields[reader->count++] = arena_strndup(reader->arena, start, len);
}

static enum csv_fault read_quoted(struct reader *reader)
{
    struct text field _text_auto_ = {0};
    for (reader->at++; reader->at < reader->end; reader->at++) {
        if (*reader->at == '"' && !(reader->at + 1 < reader->end && reader->at[1] == '"'))
            break;
        reader->line += *reader->at == '\n';
        reader->at += *reader->at == '"';
        text_addc(&field, *reader->at);
    }
    if (reader->at == reader->end)
        return CSV_OPEN_QUOTE;
    reader->at++;
    if (!ends_record(reader) && *reader->at != ',')
        return CSV_STRAY_QUOTE;
    keep_field(reader, field.data ? field.data : "", field.len);
    return CSV_GOOD;
}

static enum csv_fault read_field(struct reader *reader)
{
    const char *start = reader->at;
    if (reader->at < reader->end && *reader->at == '"')
        return read_quoted(reader);
    while (!ends_record(reader) && *reader->at != ',') {
        if (*reader->at == '"')
            return CSV_STRAY_QUOTE;
        reader->at++;
    }
    keep_field(reader, start, (size_t)(reader->at - start));
    return CSV_GOOD;
}

static void end_line(struct reader *reader)
{
    if (reader->at == reader->end)
        return;
    bool both =
        *reader->at == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n';
    reader->at += both ? 2 : 1;
    reader->line++;
}

static enum csv_fault read_record(struct reader *reader)
{
    reader->count = reader->room = 0;
    for (;;) {
        enum csv_fault fault = read_field(reader);
        if (fault != CSV_GOOD || ends_record(reader))
            return fault;
        reader->at++; /* the comma */
    }
}

static bool is_empty(const struct reader *reader)
{
    for (int i = 0; i < reader->count; i++) {
        if (*reader->fields[i])
            return false;
    }
    return true;
}

static void keep_record(struct csv *csv, const struct reader *reader, int line, int *room)
{
    if (csv->count == *room) {
        *room = *room ? *room * 2 : 256;
        struct csv_record *more =
            arena_alloc(reader->arena, (size_t)*room * sizeof *more);
        if (csv->count)
            memcpy(more, csv->records, (size_t)csv->count * sizeof *more);
        csv->records = more;
    }
    csv->records[csv->count++] = (struct csv_record){
        .fields = reader->fields, .count = reader->count, .line = line};
}

enum csv_fault csv_read(struct arena *arena, const char *text, size_t len,
                        struct csv *ret, int *ret_line)
{
    struct reader reader = {.arena = arena, .at = text, .end = text + len, .line = 1};
    struct csv csv = {0};
    int room = 0;
    *ret_line = 1;
    if (memchr(text, 0, len))
        return CSV_NUL;
    while (reader.at < reader.end) {
        int line = *ret_line = reader.line;
        enum csv_fault fault = read_record(&reader);
        if (fault != CSV_GOOD)
            return fault;
        if (!is_empty(&reader))
            keep_record(&csv, &reader, line, &room);
        end_line(&reader);
    }
    *ret = csv;
    return CSV_GOOD;
}

/* ---- writing ---- */

/* Apostrophes in front count too, so that taking one away gives back what was there. */
static bool is_formula(const char *field)
{
    const char *first = field + strspn(field, "'");
    return *first && strchr("=+-@\t\r", *first) != NULL;
}

void csv_add(struct text *out, const char *field)
{
    bool quoted = strpbrk(field, ",\"\r\n") != NULL || field[0] == ' ';
    if (quoted)
        text_addc(out, '"');
    if (is_formula(field))
        text_addc(out, '\'');
    for (const char *c = field; *c; c++) {
        if (*c == '"')
            text_addc(out, '"');
        text_addc(out, *c);
    }
    if (quoted)
        text_addc(out, '"');
}

const char *csv_plain(const char *field)
{
    return *field == '\'' && is_formula(field) ? field + 1 : field;
}
