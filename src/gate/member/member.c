/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/member/member.h"

#include <stdlib.h>

#include "base/buf.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "ops/role.h"
#include "sync/member.h"

enum {
	PAGE_OBJECTS = 1000,
	PAGE_MEMORY = 64 << 20,
	PAGE_BYTES = 64 << 20,
	GIVEN_MEMORY = 32 << 20,
	SEQS_MAX = 1 << 20,
	SEQ_BYTES = 10, /* of one, packed */
};

static enum err may_administer(const struct gate_ask *ask, struct fault *fault)
{
	return role_may((enum role)ask->reader->role, ACTION_ADMINISTER)
	           ? OK
	           : fail(fault, ERR_DENIED, "only administrators see this");
}

/* The account as a reader by TAXII. */
static enum err member_reader(
    const struct gate_ask *ask, struct str id, struct reader *out, struct fault *fault)
{
	struct str path = arena_printf(ask->arena, "account/%.*s", STR_ARG(str_slice(id, 0, 100)));
	struct str name = gate_account_name(ask->gate, ask->arena, id);
	yyjson_val *account;

	if (!account_name_valid(id) ||
	    node_decision(ask->gate, path, ask->arena, &account, NULL) != OK)
		return fail(
		    fault, ERR_NOT_FOUND, "no account %.*s", STR_ARG(str_slice(name, 0, 100)));
	if (!json_get_str(account, "organisation").n)
		return fail(fault, ERR_DENIED,
		    "%.*s belongs to this node: what is given as a file is for accounts of another "
		    "organisation (user add --organisation)",
		    STR_ARG(name));
	TRY(gate_account_reader(ask->gate, id, account, out, fault));
	if (!role_may((enum role)out->role, ACTION_READ))
		return fail(fault, ERR_DENIED, "the role of %.*s may not read", STR_ARG(name));
	return OK;
}

/* ---- what was given ---- */

/* A bit a record. */
struct given {
	unsigned char *bits;    /* the member has it */
	unsigned char *settled; /* whether it has is known */
	uint64_t size;
};

static bool is_set(const struct given *g, const unsigned char *bits, uint64_t seq)
{
	return seq < g->size && (bits[seq / 8] >> (seq % 8) & 1);
}

static void set(const struct given *g, unsigned char *bits, uint64_t seq)
{
	if (seq < g->size)
		bits[seq / 8] |= (unsigned char)(1 << (seq % 8));
}

/* What a part says of its records counts when no later one said something. */
static void settle(struct given *g, struct str seqs, bool given)
{
	uint64_t seq = 0;

	while (member_seqs_next(&seqs, &seq)) {
		if (seq >= g->size || is_set(g, g->settled, seq))
			continue;
		set(g, g->settled, seq);
		if (given)
			set(g, g->bits, seq);
	}
}

static enum err load_given(struct given *out, struct member_given *last, const struct gate_ask *ask,
    const struct gate_member_query *q, struct fault *fault)
{
	const struct store *s = ask->gate->store;
	struct arena *arena = arena_new(GIVEN_MEMORY);
	struct member_given g;
	enum err rc = member_given_last(&g, s, q->account, arena);

	out->size = store_size(s);
	out->bits = arena_zalloc(ask->arena, (size_t)(out->size / 8 + 1));
	out->settled = arena_zalloc(ask->arena, (size_t)(out->size / 8 + 1));
	if (!out->bits || !out->settled)
		rc = ERR_NOMEM;
	if (rc == OK)
		*last = g;
	while (rc == OK && g.record != STORE_NONE) {
		if (q->since == INT64_MIN && (q->again == 0 || g.serial < q->again)) {
			settle(out, g.seqs, true);
			settle(out, g.back, false);
		}
		/* What is borrowed from the arena is not needed any more. */
		arena_reset(arena);
		rc = member_given_before(&g, s, q->account, arena);
	}
	arena_free(arena);
	return rc == OK ? OK : fail(fault, rc, "what was given before cannot be read");
}

/* ---- the pages ---- */

struct gathering {
	const struct gate_member_query *q;
	struct gate_ask as_member; /* its arena is for one page */
	struct given given;
	struct gate_object *items;
	size_t count, bytes;
	bool more;
	struct fault *fault;
};

static void take(struct gathering *g, const struct gate_object *o)
{
	if (is_set(&g->given, g->given.bits, o->seq))
		return;
	if (g->count == g->q->limit || (g->count > 0 && g->bytes + o->bytes.n > g->q->bytes)) {
		g->more = true;
		return;
	}
	/* In several collections it is one object. */
	set(&g->given, g->given.bits, o->seq);
	g->items[g->count++] = *o;
	g->bytes += o->bytes.n;
}

static enum err gather(struct gathering *g, uint32_t feed)
{
	struct feed_query query = {.feed = feed,
	    .after = FEED_START,
	    .added_after = g->q->since == INT64_MIN ? INT64_MIN : g->q->since - 1,
	    .limit = PAGE_OBJECTS,
	    .bytes_max = PAGE_BYTES};
	struct feed_page page = {.more = true};

	while (page.more && !g->more) {
		arena_reset(g->as_member.arena);
		TRY(gate_feed_page(&g->as_member, &query, &page, g->fault));
		for (size_t i = 0; i < page.count && !g->more; i++)
			take(g, &page.items[i]);
		if (page.count == 0)
			break;
		query.after.added = page.items[page.count - 1].added;
		query.after.seq = page.items[page.count - 1].seq;
	}
	return OK;
}

static enum err gather_all(struct gathering *g, const struct gate_ask *ask)
{
	struct gate_ask as_member = g->as_member;
	struct gate_collections all;

	as_member.arena = ask->arena;
	TRY(gate_collections(&as_member, STR_NONE, &all, g->fault));
	for (size_t i = 0; i < all.count && !g->more; i++)
		if (all.items[i].can_read)
			TRY(gather(g, all.items[i].feed));
	return OK;
}

/* Whether no newer version of the same object was given. */
static bool is_newest_given(const struct gathering *g, const struct store *s, uint64_t seq)
{
	uint64_t at = store_find(s, store_id(s, seq));

	while (at != STORE_NONE && at != seq && !is_set(&g->given, g->given.bits, at))
		at = store_older(s, at);
	return at == seq;
}

/* Of what was given, the ids of which no version is for the member now. */
static enum err take_back(
    struct gate_member_part *out, struct gathering *g, const struct gate_ask *ask)
{
	const struct store *s = ask->gate->store;
	const struct sight *sight = gate_sight(&g->as_member);
	struct buf back, seqs;
	uint64_t last = 0;

	buf_init(&back, MEMBER_BACK_BYTES_MAX);
	buf_init(&seqs, SEQS_MAX);
	for (uint64_t seq = 0; seq < g->given.size; seq++) {
		struct str id = store_id(s, seq);

		if (!is_set(&g->given, g->given.bits, seq) ||
		    gate_newest(ask->gate, sight, id) != STORE_NONE)
			continue;
		if (out->back_count == MEMBER_BACK_MAX || seqs.n + SEQ_BYTES > SEQS_MAX ||
		    back.n + id.n + 1 > MEMBER_BACK_BYTES_MAX) {
			out->more = true;
			break;
		}
		member_seqs_put(&seqs, &last, seq);
		if (!is_newest_given(g, s, seq))
			continue;
		buf_put(&back, id);
		buf_byte(&back, '\n');
		out->back_count++;
	}
	out->back = arena_str(ask->arena, buf_str(&back));
	out->back_seqs = arena_str(ask->arena, buf_str(&seqs));
	buf_free(&back);
	buf_free(&seqs);
	return out->back.p && out->back_seqs.p ? OK
	                                       : fail(g->fault, ERR_NOMEM, "no memory for a part");
}

static int by_record(const void *pa, const void *pb)
{
	const struct gate_object *a = pa, *b = pb;

	return (a->seq > b->seq) - (a->seq < b->seq);
}

static enum err finish(struct gate_member_part *out, struct gathering *g,
    const struct gate_ask *ask, struct fault *fault)
{
	uint64_t last = 0;
	struct buf seqs;

	if (g->count > 1)
		qsort(g->items, g->count, sizeof(*g->items), by_record);
	buf_init(&seqs, SEQS_MAX);
	for (size_t i = 0; i < g->count; i++)
		member_seqs_put(&seqs, &last, g->items[i].seq);
	out->items = g->items;
	out->count = g->count;
	out->more = g->more;
	out->seqs = seqs.failed == OK ? arena_str(ask->arena, buf_str(&seqs)) : STR_NONE;
	buf_free(&seqs);
	return out->seqs.p ? OK : fail(fault, ERR_LIMIT, "a part has too many objects");
}

static void put_pin(struct gate_member_part *out, const struct gate_ask *ask, struct str account)
{
	struct member_pin pin;

	if (member_pin(&pin, ask->gate->store, account, ask->arena) != OK)
		return;
	out->certificate = pin.certificate;
	out->certificate_until = pin.until;
	out->mail = pin.mail;
}

enum err gate_member_part(const struct gate_ask *ask, const struct gate_member_query *query,
    struct gate_member_part *out, struct fault *fault)
{
	struct gate_member_query q = *query; /* with the account's id */
	struct gathering g = {.q = &q, .fault = fault};
	struct gate_member_part part = {0};
	struct member_given last = {0};
	struct reader reader;
	enum err rc;

	TRY(may_administer(ask, fault));
	q.account = gate_account_id(ask->gate, ask->arena, query->account);
	TRY(member_reader(ask, q.account, &reader, fault));
	reader.name = q.account;
	TRY(load_given(&g.given, &last, ask, &q, fault));
	g.items = arena_array(ask->arena, query->limit, sizeof(*g.items));
	if (!g.items)
		return fail(fault, ERR_NOMEM, "no memory for a part");
	g.as_member = (struct gate_ask){ask->gate, &reader, OUTLET_TAXII, arena_new(PAGE_MEMORY)};
	rc = gather_all(&g, ask);
	if (rc == OK)
		rc = finish(&part, &g, ask, fault);
	if (rc == OK)
		rc = take_back(&part, &g, ask);
	arena_free(g.as_member.arena);
	if (rc != OK)
		return rc;
	part.after = last.serial;
	put_pin(&part, ask, q.account);
	*out = part;
	return OK;
}

/* ---- who they are ---- */

static enum err read_member(
    struct gate_member *out, const struct gate_ask *ask, struct str id, struct str organisation)
{
	const struct store *s = ask->gate->store;
	struct gate_member m = {
	    .name = gate_account_name(ask->gate, ask->arena, id), .organisation = organisation};
	struct member_given given;
	struct member_taken taken;
	struct member_pin pin;

	if (member_pin(&pin, s, id, ask->arena) == OK) {
		m.mail = pin.mail;
		m.certificate = pin.sha256;
		m.certificate_until = pin.until;
	}
	TRY(member_given_last(&given, s, id, ask->arena));
	TRY(member_taken_last(&taken, s, id, ask->arena));
	if (given.record != STORE_NONE) {
		m.serial = given.serial;
		m.objects = given.objects;
		m.given = given.made;
		m.by_mail = given.mail;
		m.given_sha256 = sha256_text(ask->arena, &given.content);
	}
	m.messages = taken.serial;
	m.taken = taken.time;
	*out = m;
	return OK;
}

enum err gate_members(const struct gate_ask *ask, struct gate_members *out, struct fault *fault)
{
	struct gate_member *items;
	struct node_paths paths;
	size_t n = 0;

	TRY(may_administer(ask, fault));
	TRY(node_paths(ask->gate, S("account/"), ask->arena, &paths, fault));
	items = arena_array(ask->arena, paths.count + 1, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for members");
	for (size_t i = 0; i < paths.count; i++) {
		struct str organisation;
		yyjson_val *root;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK)
			continue;
		organisation = json_get_str(root, "organisation");
		if (!organisation.n)
			continue;
		if (read_member(&items[n], ask, str_from(paths.items[i], 8), organisation) == OK)
			n++;
	}
	*out = (struct gate_members){.items = items, .count = n};
	return OK;
}
