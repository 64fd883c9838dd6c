/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/range/quota.h"

#include <stdio.h>

static const struct bucket_size AHEAD = {.rate = QUOTA_AHEAD_RATE, .burst = QUOTA_AHEAD_BURST};

static usec last_of(const struct quota_peer *p)
{
	return p->entries.full_at > p->ahead.full_at ? p->entries.full_at : p->ahead.full_at;
}

/* Whose place is given away: nobody's before anybody's. */
static bool goes_sooner(const struct quota_peer *a, const struct quota_peer *b)
{
	if (!a->name[0] || !b->name[0])
		return !a->name[0] && b->name[0];
	return last_of(a) < last_of(b);
}

struct quota_peer *quota_peer(struct quota *q, struct str name)
{
	struct quota_peer *least = &q->peers[0];

	for (size_t i = 0; i < QUOTA_PEERS_MAX; i++) {
		if (str_eq(str_c(q->peers[i].name), name))
			return &q->peers[i];
		if (goes_sooner(&q->peers[i], least))
			least = &q->peers[i];
	}
	*least = (struct quota_peer){.name = ""};
	(void)snprintf(least->name, sizeof(least->name), "%.*s", STR_ARG(name));
	return least;
}

bool quota_ahead(struct quota_peer *p, usec now)
{
	if (!bucket_has(&p->ahead, AHEAD, 1, now))
		return false;
	bucket_take(&p->ahead, AHEAD, 1, now);
	return true;
}

bool quota_is_over(const struct quota *q, const struct quota_peer *p, usec now)
{
	return !bucket_has(&p->entries, q->size, 1, now);
}

void quota_spend(const struct quota *q, struct quota_peer *p, uint32_t entries, usec now)
{
	bucket_take(&p->entries, q->size, entries, now);
}

/* Whether a goes before b. */
static bool goes_before(
    const struct quota *q, const struct quota_waiting *a, const struct quota_waiting *b, usec now)
{
	bool over = quota_is_over(q, a->peer, now);

	if (over != quota_is_over(q, b->peer, now))
		return !over;
	if (a->peer->entries.full_at != b->peer->entries.full_at)
		return a->peer->entries.full_at < b->peer->entries.full_at;
	return a->id < b->id;
}

size_t quota_next(
    const struct quota *q, const struct quota_waiting *list, size_t count, usec now, usec *when)
{
	size_t best = 0;

	*when = 0;
	for (size_t i = 1; i < count; i++)
		if (goes_before(q, &list[i], &list[best], now))
			best = i;
	if (count == 0 || !q->always || !quota_is_over(q, list[best].peer, now))
		return count == 0 ? count : best;
	*when = bucket_when(&list[best].peer->entries, q->size, 1, now);
	return count;
}
