/* Commands of whoever runs the installation: what waits, what stands still, a test, a dry run, a new secret. */
#ifndef MEGURI_ALL_OPERATOR_COMMANDS_H
#define MEGURI_ALL_OPERATOR_COMMANDS_H

#include "api/app.h"

/* What a command was given. */
struct operator_call {
    const struct service *const *services;
    int argc;
    char **argv;
};

extern const char operator_usage[];

/* Each returns the exit status: 0 done, 1 failed, 2 called wrongly. */
int operator_show_queues(const struct operator_call *call);
int operator_pause(const struct operator_call *call);
int operator_resume(const struct operator_call *call);
int operator_send_test(const struct operator_call *call);
int operator_show_forecast(const struct operator_call *call);
int operator_seal_anew(const struct operator_call *call);

#endif
