/* A small contract for tests, and the loading of it with one place changed. */
#ifndef MEGURI_TESTS_CONTRACT_SAMPLE_H
#define MEGURI_TESTS_CONTRACT_SAMPLE_H

#include "api/contract.h"

/* Asserts that it loads. */
struct contract *sample_contract(void);

/* The sample with the value at pointer replaced by the JSON text (NULL = removed). A NULL contract has *ret_error. */
struct contract *sample_changed(const char *pointer, const char *json,
                                const char **ret_error);

#endif
