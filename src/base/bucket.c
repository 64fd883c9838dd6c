/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bucket.h"

static usec time_of(struct bucket_size size, uint32_t n)
{
	return (usec)((uint64_t)n * USEC_PER_SEC / size.rate);
}

static usec most_missing(struct bucket_size size)
{
	return time_of(size, size.burst) + time_of(size, BUCKET_TAKE_MAX);
}

/* What is missing from a full bucket, as the time until it has come back. */
static usec missing(const struct bucket *b, struct bucket_size size, usec now)
{
	usec most = most_missing(size);

	return b->full_at <= now || b->full_at - now > most ? 0 : b->full_at - now;
}

bool bucket_has(const struct bucket *b, struct bucket_size size, uint32_t n, usec now)
{
	return bucket_when(b, size, n, now) <= now;
}

void bucket_take(struct bucket *b, struct bucket_size size, uint32_t n, usec now)
{
	usec owed;

	if (size.rate == 0)
		return;
	owed = missing(b, size, now) + time_of(size, n < BUCKET_TAKE_MAX ? n : BUCKET_TAKE_MAX);
	b->full_at = now + (owed < most_missing(size) ? owed : most_missing(size));
}

usec bucket_when(const struct bucket *b, struct bucket_size size, uint32_t n, usec now)
{
	usec room;

	if (size.rate == 0)
		return now;
	if (n > size.burst)
		n = size.burst;
	room = time_of(size, size.burst - n);
	return missing(b, size, now) > room ? now + missing(b, size, now) - room : now;
}
