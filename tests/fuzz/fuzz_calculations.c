/* Any bytes as the body of any calculation: an answer or errors, never a crash. The first
 * byte chooses the operation, the rest is JSON. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "services/scheduling/calculations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t operation_count(void)
{
    size_t count = 0;

    while (calculation_name(count) != NULL)
        count++;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct calculation_errors errors;
    json_t *given;
    json_t *answer;
    size_t operations = operation_count();

    if (size < 2 || operations == 0)
        return 0;
    given = json_loadb((const char *)data + 1, size - 1, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                       NULL);
    if (given == NULL)
        return 0;
    answer = calculate(calculation_name(data[0] % operations), given, &errors);
    assert((answer != NULL) == (errors.count == 0));
    json_decref(answer);
    json_decref(given);
    return 0;
}
