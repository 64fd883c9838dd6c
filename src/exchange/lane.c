/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/lane.h"

#include "policy/label.h"

enum { LOOK_MAX = 512 }; /* entries at a time */

void urgent_init(struct urgent *u)
{
	*u = (struct urgent){.looked = false};
	making_init(&u->making);
	u->making.most = 1;
	buf_init(&u->body, SYNC_URGENT_MAX + 64);
	buf_init(&u->packed, SYNC_BODY_MAX);
}

void urgent_free(struct urgent *u)
{
	making_free(&u->making);
	buf_free(&u->body);
	buf_free(&u->packed);
}

static bool is_urgent(struct urgent *u, const struct egress_entry *e)
{
	const struct store *s = u->making.store;
	const struct row *row = store_row(s, e->seq);

	if (e->kind != SYNC_OBJECT)
		return false;
	if (!u->looked || row->label != u->label) {
		struct label label = label_decode(store_label(s, row->label));

		u->looked = true;
		u->label = row->label;
		u->is_urgent = label_is_urgent(&label);
	}
	return u->is_urgent;
}

size_t urgent_look(
    struct urgent *u, uint64_t from, uint64_t size, uint64_t out[SYNC_URGENT_FOUND], uint64_t *upto)
{
	struct egress_entry entries[LOOK_MAX];
	size_t count = 0, found = 0, i;

	/* What cannot be read now comes with the feed. */
	*upto = size > from ? size : from + 1;
	if (egress_entries(
	        u->making.egress, u->making.feed, from, entries, LOOK_MAX, &count, NULL) != OK ||
	    count == 0)
		return 0;
	for (i = 0; i < count && found < SYNC_URGENT_FOUND; i++)
		if (is_urgent(u, &entries[i]))
			out[found++] = from + i;
	*upto = from + i;
	return found;
}

/* By the word of its originator, which the receiver goes by too. */
static bool says_so(const struct making *m)
{
	const struct sync_maker *maker = &m->maker;
	struct sync_range r = {.entries = maker->count, .rest = rd_of(buf_str(&maker->entries))};
	struct sync_entry e;
	struct envelope envelope;
	struct label label;

	if (sync_range_entry(&r, &e, NULL) != OK || e.kind != SYNC_OBJECT || e.content.n == 0 ||
	    envelope_read(&envelope, e.envelope, NULL) != OK)
		return false;
	label = label_decode(envelope.statement.label);
	return label_is_urgent(&label);
}

enum err urgent_make(
    struct urgent *u, uint64_t entry, usec now, struct arena *arena, struct fault *fault)
{
	const struct sync_maker *maker = &u->making.maker;
	struct sync_message m;

	TRY(making_fill(&u->making, entry, now, arena, fault));
	if (maker->count == 0 || !says_so(&u->making) ||
	    maker->seals.n + maker->entries.n + 4 > SYNC_URGENT_MAX)
		return ERR_DENIED;
	TRY(making_pack(&m, &u->making, S(""), &u->packed));
	m.type = SYNC_URGENT;
	buf_reset(&u->body);
	sync_message_put(&u->body, &m);
	return u->body.failed;
}
