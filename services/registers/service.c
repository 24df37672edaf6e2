/* Every operation of registers is one statement so far. */
#include "service.h"

static const struct handler handlers[] = {{0}};

const struct service registers_service = {.name = "registers", .handlers = handlers};
