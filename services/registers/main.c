#include "service.h"

int main(int argc, char **argv)
{
    return app_main(argc, argv,
                    (const struct service *const[]){&registers_service, NULL});
}
