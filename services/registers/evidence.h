/* Contents of files: bytes of a request into hexadecimal for the database, and back. Both run on the worker pool. */
#ifndef MEGURI_REGISTERS_EVIDENCE_H
#define MEGURI_REGISTERS_EVIDENCE_H

#include "api/app.h"

/* From the raw body to :content_hex, :content_hash, :media_type and :size_bytes; refuses another hash than the parameter sha256 names. */
bool evidence_read(struct request *rq);
/* The row of loadBlob as the reply; 404 while there is no content. */
bool evidence_write(struct request *rq);

/* Media type found in the first bytes; name decides only between the formats that are zip archives or plain text inside. Never html, svg or
 * a script: such text is text/plain. name may be NULL. */
const char *evidence_media_type(const unsigned char *bytes, size_t len, const char *name);

#endif
