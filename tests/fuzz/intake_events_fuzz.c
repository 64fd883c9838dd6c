/* SPDX-License-Identifier: Apache-2.0 */
/* What intake may send to the core: batches of events and of objects are read within bounds. */
#include "intake/events.h"
#include "intake/prepare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = {(const char *)data, size};
	struct rd in = rd_of(text), objects = rd_of(text);
	struct events e;
	struct event_hit h;
	struct prepared p;
	uint64_t sum = 0;

	if (events_get(&e, &in))
		for (uint32_t i = 0; i < e.hit_count && event_hit_get(&h, &in); i++)
			sum += h.count + (unsigned char)h.value.value.p[h.value.value.n - 1];
	while (prepared_get(&p, &objects) && !objects.failed && objects.n)
		sum += p.id.n;
	(void)sum;
	return 0;
}
