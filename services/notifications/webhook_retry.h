/* When a webhook is tried again. Pure. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_RETRY_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_RETRY_H

/* Seconds from attempt number `attempts` (1 = the first) to the next one: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h and up to a tenth more by
 * `random`, which is about three days in all; at least retry_after_s. -1: that was the last one. */
long webhook_retry_delay_s(int attempts, long retry_after_s, unsigned random);

/* Seconds that a receiver is left alone after its n-th failure in a row (n >= 1): 2 s, doubled up to a minute; at least retry_after_s. */
long webhook_rest_s(int failures, long retry_after_s);

#endif
