/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that a reader may have under terms alone (policy/release.h). A copy with members left out
 * proves what remains to another node, which has the envelope; an account could not tell it from
 * the object. So accounts see such an object when the terms leave nothing of it out, and otherwise
 * what the core derived of it, under an id of its own: as long as the object itself is there and
 * the terms under which it was derived are those that hold. */
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "policy/release.h"
#include "seal/derived.h"

enum {
	PARSE_MEMORY = 64 << 20,
	ANSWER_BITS = 2,
	ANSWER_MASK = 3,
	ANSWERS_A_BYTE = 4,
	ROOM_LEAST = 4096
};

enum answer { ANSWER_NOT_KNOWN, ANSWER_NO, ANSWER_YES };

/* Two bits a record. */
struct releases {
	uint8_t *answers;
	size_t room; /* records */
};

struct releases *releases_new(void)
{
	return mem_alloc(sizeof(struct releases));
}

void releases_free(struct releases *r)
{
	if (!r)
		return;
	mem_free(r->answers);
	mem_free(r);
}

static uint8_t *place_of(struct releases *r, uint64_t seq)
{
	if (seq >= r->room) {
		size_t room = r->room ? r->room : ROOM_LEAST;

		while (room <= seq)
			room *= 2;
		r->answers = mem_grow(r->answers, room / ANSWERS_A_BYTE, 1);
		memset(r->answers + r->room / ANSWERS_A_BYTE, 0, (room - r->room) / ANSWERS_A_BYTE);
		r->room = room;
	}
	return &r->answers[seq / ANSWERS_A_BYTE];
}

static bool is_whole(const struct gate *g, const struct sight *s, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);
	const struct decision d = policy_decide_type(
	    &g->labels[row->label], row->tag, &s->reader, s->outlet, env_now(g->env));
	struct arena *arena = arena_new(PARSE_MEMORY);
	struct release release = {.verdict = VERDICT_DENY};
	yyjson_val *object;

	if (json_parse(&object, arena, store_content(g->store, seq), &JSON_LIMITS_OBJECT, NULL) ==
	    OK)
		policy_release(&release, row->tag, object, d.withheld, principals_identity(g));
	arena_free(arena);
	return release.verdict == VERDICT_ALLOW;
}

bool sight_releases(const struct gate *g, const struct sight *s, uint64_t seq)
{
	uint8_t *place = place_of(s->releases, seq);
	unsigned shift = (unsigned)(seq % ANSWERS_A_BYTE) * ANSWER_BITS;
	unsigned answer = (unsigned)*place >> shift & ANSWER_MASK;

	if (answer == ANSWER_NOT_KNOWN) {
		answer = is_whole(g, s, seq) ? ANSWER_YES : ANSWER_NO;
		*place = (uint8_t)(*place | answer << shift);
	}
	return answer == ANSWER_YES;
}

/* ---- what was derived ---- */

/* Whether this version goes to the reader in this community without what those terms name, and by
 * no other way whole. */
static bool is_under_terms(const struct gate *g, const struct sight *s, const struct reader *one,
    const struct derived *d, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);
	const struct decision x =
	    policy_decide_type(&g->labels[row->label], row->tag, one, s->outlet, env_now(g->env));
	uint32_t matters = d->kind == DERIVED_PSEUDONYM ? (uint32_t)WITHHOLD_VICTIMS : UINT32_MAX;

	if (x.verdict != VERDICT_REDACT || (x.withheld & matters) != (d->terms & matters))
		return false;
	return (s->terms[row->label] >> row->tag & 1) && !sight_releases(g, s, seq);
}

/* The newest version that counts. */
static uint64_t newest_of(const struct gate *g, struct str id)
{
	uint64_t seq = store_find(g->store, id);

	while (seq != STORE_NONE && (store_row(g->store, seq)->kind != RECORD_OBJECT ||
	                                store_withdrawn(store_row(g->store, seq))))
		seq = store_older(g->store, seq);
	return seq;
}

static bool stands_for(
    const struct gate *g, const struct sight *s, const struct reader *one, const struct derived *d)
{
	const struct row *row;
	uint64_t newest;

	if (d->original >= store_size(g->store))
		return false;
	row = store_row(g->store, d->original);
	if (row->kind != RECORD_OBJECT || row->tag >= STIX_TYPES || store_withdrawn(row) ||
	    !is_under_terms(g, s, one, d, d->original))
		return false;
	newest = newest_of(g, store_id(g->store, d->original));
	return newest == d->original ||
	       (newest != STORE_NONE && is_under_terms(g, s, one, d, newest));
}

bool sight_derives(const struct gate *g, const struct sight *s, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);
	struct derived d;
	struct reader one;

	if (s->reader.kind != READER_ACCOUNT || s->reader.own ||
	    derived_of(&d, g->store, seq) != OK)
		return false;
	one = reader_only_in(&s->reader, d.community);
	if (one.community_count == 0)
		return false;
	if (d.kind != DERIVED_MARKING)
		return stands_for(g, s, &one, &d);
	/* What labels an object goes wherever such an object does, whatever types are shared. */
	one.communities[0].types = COMMUNITY_TYPES_ALL;
	return policy_decide_type(
	           &g->labels[row->label], row->tag, &one, s->outlet, env_now(g->env))
	           .verdict != VERDICT_DENY;
}
