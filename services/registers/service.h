/* registers: what the standard asks to be written down. */
#ifndef MEGURI_REGISTERS_SERVICE_H
#define MEGURI_REGISTERS_SERVICE_H

#include "api/app.h"

extern const struct service registers_service;

#endif
