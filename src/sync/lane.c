/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/lane.h"

static const struct bucket_size ALLOWED = {.rate = LANE_RATE, .burst = LANE_BURST};

void lane_init(struct lane *l)
{
	*l = (struct lane){.looked = 0};
	for (size_t i = 0; i < LANE_WAIT_MAX; i++)
		buf_init(&l->wait[i], SYNC_URGENT_MAX + SYNC_BODY_MAX - SYNC_UNPACKED_MAX);
}

void lane_free(struct lane *l)
{
	for (size_t i = 0; i < LANE_WAIT_MAX; i++)
		buf_free(&l->wait[i]);
}

bool lane_looks(struct lane *l, uint64_t acked, uint64_t feed, uint64_t *from)
{
	if (l->looked < acked)
		l->looked = acked;
	*from = l->looked;
	return l->due_count == 0 && l->looked < feed;
}

void lane_found(struct lane *l, const uint64_t *urgent, size_t count, uint64_t upto)
{
	for (size_t i = 0; i < count && l->due_count < SYNC_URGENT_FOUND; i++)
		l->due[l->due_count++] = urgent[i];
	l->looked = upto;
}

bool lane_sends(struct lane *l, uint64_t acked, usec now, uint64_t *entry)
{
	while (l->due_count > 0) {
		*entry = l->due[0];
		l->due_count--;
		for (size_t i = 0; i < l->due_count; i++)
			l->due[i] = l->due[i + 1];
		if (*entry < acked)
			continue; /* the feed was faster */
		if (!bucket_has(&l->allowed, ALLOWED, 1, now)) {
			l->counts.left++;
			continue;
		}
		bucket_take(&l->allowed, ALLOWED, 1, now);
		l->counts.sent++;
		return true;
	}
	return false;
}

void lane_leaves(struct lane *l)
{
	l->counts.sent--;
	l->counts.left++;
}

void lane_heard(struct lane *l, const struct sync_message *m, struct str body, uint64_t held)
{
	struct buf *place;

	if (m->from < held)
		return;
	if (l->wait_count == LANE_WAIT_MAX) {
		l->counts.passed++;
		return;
	}
	place = &l->wait[l->wait_count];
	buf_reset(place);
	buf_put(place, body);
	if (place->failed == OK)
		l->wait_count++;
}

static void shift(struct lane *l)
{
	struct buf first = l->wait[0];

	for (size_t i = 1; i < LANE_WAIT_MAX; i++)
		l->wait[i - 1] = l->wait[i];
	l->wait[LANE_WAIT_MAX - 1] = first;
	l->wait_count--;
}

bool lane_takes(struct lane *l, uint64_t held, struct sync_message *out)
{
	while (l->wait_count > 0 && !l->busy) {
		/* It was read when it came. */
		if (sync_message_get(out, SYNC_URGENT, buf_str(&l->wait[0]), NULL) == OK &&
		    out->from >= held) {
			l->busy = true;
			return true;
		}
		shift(l);
	}
	return false;
}

void lane_done(struct lane *l, bool taken)
{
	l->busy = false;
	l->counts.taken += taken;
	l->counts.passed += !taken;
	shift(l);
}
