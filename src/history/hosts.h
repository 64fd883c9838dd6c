/* SPDX-License-Identifier: Apache-2.0 */
/* About how many different hosts: linear counting (Whang, Vander-Zanden, Taylor 1990) in 256 bits.
 * Sets of any hours and sources are joined by OR. The error is about a tenth up to 500 hosts; from
 * HISTORY_HOSTS_MOST on the set is full and says no more than "at least so many". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stix/equality.h"

enum { HISTORY_HOSTS_BITS = 256, HISTORY_HOSTS_MOST = 1420 };

struct history_hosts {
	uint64_t bits[HISTORY_HOSTS_BITS / 64];
};

/* Which bit stands for an address; the same in every process and always. */
unsigned char history_host_bit(const struct term *host);
void history_hosts_join(struct history_hosts *to, const struct history_hosts *from);
unsigned history_hosts_count(const struct history_hosts *h);
