/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/limit.h"

#include <string.h>

void limit_init(struct limit *l, const struct env *env, usec interval, int burst)
{
	memset(l, 0, sizeof(*l));
	l->interval = interval;
	l->burst = burst;
	env_random(env, &l->key, sizeof(l->key));
}

static uint64_t hash_of(const struct limit *l, struct str key)
{
	uint64_t h = hash_bytes(&l->key, key);

	return h ? h : 1; /* 0 is a free slot */
}

static size_t first_way(uint64_t hash)
{
	return hash % (LIMIT_SLOTS / LIMIT_WAYS) * LIMIT_WAYS;
}

static size_t find(const struct limit *l, uint64_t hash)
{
	size_t first = first_way(hash);

	for (size_t i = first; i < first + LIMIT_WAYS; i++)
		if (l->slots[i].hash == hash)
			return i;
	return LIMIT_SLOTS;
}

bool limit_blocks(const struct limit *l, struct str key, usec now, int forgiven)
{
	size_t at = find(l, hash_of(l, key));

	return at < LIMIT_SLOTS &&
	       l->slots[at].full_until - now > (l->burst + forgiven) * l->interval;
}

void limit_charge(struct limit *l, struct str key, usec now)
{
	uint64_t hash = hash_of(l, key);
	size_t at = find(l, hash);

	if (at == LIMIT_SLOTS) {
		at = first_way(hash);
		for (size_t i = at; i < first_way(hash) + LIMIT_WAYS; i++)
			if (l->slots[i].full_until < l->slots[at].full_until)
				at = i;
		l->slots[at] = (struct limit_slot){.hash = hash};
	}
	if (l->slots[at].full_until < now)
		l->slots[at].full_until = now;
	l->slots[at].full_until += l->interval;
}

void limit_refund(struct limit *l, struct str key)
{
	size_t at = find(l, hash_of(l, key));

	if (at < LIMIT_SLOTS)
		l->slots[at].full_until -= l->interval;
}

static size_t right_way(const struct sha256 *digest)
{
	size_t n = (size_t)digest->b[0] << 8 | digest->b[1];

	return n % (RIGHT_SLOTS / LIMIT_WAYS) * LIMIT_WAYS;
}

bool right_has(const struct right *r, const struct sha256 *digest, usec now)
{
	size_t first = right_way(digest);

	for (size_t i = first; i < first + LIMIT_WAYS; i++)
		if (r->slots[i].until > now && sha256_eq(&r->slots[i].digest, digest))
			return true;
	return false;
}

void right_put(struct right *r, const struct sha256 *digest, usec until)
{
	size_t first = right_way(digest), at = first;

	for (size_t i = first; i < first + LIMIT_WAYS; i++)
		if (r->slots[i].until < r->slots[at].until)
			at = i;
	r->slots[at] = (struct right_slot){.digest = *digest, .until = until};
}
