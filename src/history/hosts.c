/* SPDX-License-Identifier: Apache-2.0 */
#include "history/hosts.h"

#include <math.h>

/* splitmix64's last steps: every bit of the address moves every bit of what is left. */
static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

unsigned char history_host_bit(const struct term *host)
{
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15) + host->value.n;
	struct str rest = host->value;

	while (rest.n > 0) {
		size_t n = rest.n < sizeof(state) ? rest.n : sizeof(state);
		uint64_t word = 0;

		for (size_t i = 0; i < n; i++)
			word |= (uint64_t)(unsigned char)rest.p[i] << 8 * i;
		state = mixed(state ^ word);
		rest = str_from(rest, n);
	}
	return (unsigned char)(state >> 56);
}

void history_hosts_join(struct history_hosts *to, const struct history_hosts *from)
{
	for (size_t i = 0; i < sizeof(to->bits) / sizeof(*to->bits); i++)
		to->bits[i] |= from->bits[i];
}

unsigned history_hosts_count(const struct history_hosts *h)
{
	unsigned set = 0;

	for (size_t i = 0; i < sizeof(h->bits) / sizeof(*h->bits); i++)
		set += (unsigned)__builtin_popcountll(h->bits[i]);
	if (set == HISTORY_HOSTS_BITS)
		return HISTORY_HOSTS_MOST;
	return (unsigned)lround(-HISTORY_HOSTS_BITS * log(1.0 - (double)set / HISTORY_HOSTS_BITS));
}
