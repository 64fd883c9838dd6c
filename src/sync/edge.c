/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/edge.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "codec/time.h"

static const char RECEIPT[] = "tocsin receipt 1";

struct sha256 sync_edge_root(const struct sync_edge *e)
{
	return merkle_frontier_root(&e->frontier);
}

void sync_edge_put(const struct sync_edge *e, struct buf *out)
{
	buf_u64(out, e->frontier.size);
	for (unsigned height = 0; height < MERKLE_PATH_MAX; height++)
		if (e->frontier.size >> height & 1)
			buf_put(out,
			    (struct str){(const char *)e->frontier.hashes[height].b, SHA256_LEN});
}

enum err sync_edge_get(struct sync_edge *out, struct str bytes, struct fault *fault)
{
	struct sync_edge e = {0};
	struct rd r = rd_of(bytes);

	e.frontier.size = rd_u64(&r);
	for (unsigned height = 0; height < MERKLE_PATH_MAX; height++) {
		struct str hash;

		if (!(e.frontier.size >> height & 1))
			continue;
		hash = rd_bytes(&r, SHA256_LEN);
		if (hash.p)
			memcpy(e.frontier.hashes[height].b, hash.p, SHA256_LEN);
	}
	if (!rd_done(&r))
		return fail(fault, ERR_PARSE, "the edge of a feed is cut short or too long");
	*out = e;
	return OK;
}

enum err sync_edge_take(struct sync_edge *e, const struct sha256 *leaves, size_t count,
    const struct checkpoint *head, struct fault *fault)
{
	struct sync_edge next = *e;
	struct sha256 root;

	if (head->size != e->frontier.size + count)
		return fail(fault, ERR_INVALID,
		    "the head at the end of entries %" PRIu64 " to %" PRIu64 " counts %" PRIu64,
		    e->frontier.size, e->frontier.size + count, head->size);
	for (size_t i = 0; i < count; i++)
		merkle_frontier_add(&next.frontier, &leaves[i]);
	root = sync_edge_root(&next);
	if (!sha256_eq(&root, &head->root))
		return fail(fault, ERR_CONFLICT,
		    "the signed head at %" PRIu64 " does not continue the %" PRIu64 " entries held",
		    head->size, e->frontier.size);
	*e = next;
	return OK;
}

enum sync_standing sync_edge_judge(const struct sync_edge *e, const struct checkpoint *head)
{
	struct sha256 root;

	if (head->size != e->frontier.size)
		return head->size > e->frontier.size ? SYNC_AHEAD : SYNC_REWINDS;
	root = sync_edge_root(e);
	return sha256_eq(&root, &head->root) ? SYNC_STANDS : SYNC_CONFLICTS;
}

bool sync_heads_conflict(const struct checkpoint *a, const struct checkpoint *b)
{
	return str_eq(a->origin, b->origin) && a->size == b->size && !sha256_eq(&a->root, &b->root);
}

void sync_receipt_put(const struct sync_receipt *r, struct buf *out)
{
	char time[TIME_TEXT + 1];

	time_format(time, r->time);
	buf_printf(out, "%s\n%.*s\n%" PRIu64 "\n", RECEIPT, STR_ARG(r->origin), r->size);
	base64_put(out, (struct str){(const char *)r->root.b, SHA256_LEN});
	buf_printf(out, "\n%s\n", time);
}

enum err sync_receipt_get(struct sync_receipt *out, struct str text, struct fault *fault)
{
	struct sync_receipt r = {0};
	struct checkpoint c;
	struct str rest = text;
	struct str time;

	if (!str_eq(str_cut(&rest, '\n'), str_c(RECEIPT)) || !rest.p)
		return fail(
		    fault, ERR_PARSE, "a receipt begins with the line \"tocsin receipt 1\"");
	TRY(checkpoint_parse(&c, rest, fault));
	for (int line = 0; line < 3; line++)
		(void)str_cut(&rest, '\n');
	time = str_cut(&rest, '\n');
	if (!rest.p || time_parse_utc(&r.time, time) != OK)
		return fail(fault, ERR_PARSE, "a receipt's fifth line is a time in UTC");
	r.origin = c.origin;
	r.size = c.size;
	r.root = c.root;
	*out = r;
	return OK;
}
