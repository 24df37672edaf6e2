/* Comma-separated values, RFC 4180: fields with quotes, doubled quotes and line ends inside them; LF, CRLF or CR between records. */
#ifndef MEGURI_CSV_H
#define MEGURI_CSV_H

#include "api/arena.h"
#include "api/text.h"

#include <stdbool.h>
#include <stddef.h>

enum csv_encoding { CSV_UTF8, CSV_UTF8_BOM, CSV_CP932 };

struct csv_record {
    char **fields; /* NUL-terminated UTF-8, without surrounding spaces */
    int count;
    int line; /* of the file, from 1, where the record begins */
};

struct csv {
    struct csv_record *records; /* empty lines are left out */
    int count;
};

enum csv_fault { CSV_GOOD, CSV_BAD_ENCODING, CSV_OPEN_QUOTE, CSV_STRAY_QUOTE, CSV_NUL };

/* Bytes of a file as UTF-8 in the arena. wanted: the charset parameter of the media type or NULL; then a byte order mark or well-formed UTF-8
 * decides, else CP932 (what Japanese Excel writes). NULL when the bytes are not of that charset; *ret_at is then the first wrong byte. */
const char *csv_decode(struct arena *arena, const char *bytes, size_t len,
                       const char *wanted, size_t *ret_len, size_t *ret_at);

/* UTF-8 text to the bytes of a file. A character that CP932 lacks becomes a geta mark; *ret_lost counts them. */
void csv_encode(const struct text *utf8, enum csv_encoding encoding, struct text *ret,
                int *ret_lost);

/* All records of UTF-8 text. On a fault *ret_line is the line where it begins. */
enum csv_fault csv_read(struct arena *arena, const char *text, size_t len,
                        struct csv *ret, int *ret_line);

/* One field, quoted where needed; a text that a spreadsheet would take for a formula gets an apostrophe in front. */
void csv_add(struct text *out, const char *field);
/* The same without the comma and the apostrophe taken away again: what csv_read's caller does with a field that csv_add protected. */
const char *csv_plain(const char *field);

#endif
