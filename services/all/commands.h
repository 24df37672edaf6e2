/* The operator's commands of `meguri`. */
#ifndef MEGURI_COMMANDS_H
#define MEGURI_COMMANDS_H

#include "api/app.h"

/* Exit status: 0 done, 1 failed (said why on standard error), 2 wrong usage. */
int command_run(int argc, char **argv, const struct service *const *services);
void command_usage(void);

#endif
