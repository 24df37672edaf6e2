/* `meguri`: all four services in one process, and the operator's commands. */
#include "commands.h"

#include "services/notifications/service.h"
#include "services/registers/service.h"
#include "services/scheduling/service.h"
#include "services/tenants/service.h"

#include <string.h>

static const struct service *const services[] = {&tenants_service, &registers_service,
                                                 &scheduling_service,
                                                 &notifications_service, NULL};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--help") != 0)
        return command_run(argc - 1, argv + 1, services);
    if (argc > 1)
        command_usage();
    return app_main(argc, argv, services);
}
