/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/marked.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rd.h"
#include "codec/json.h"
#include "stix/type.h"

enum { OBJECT_MEMORY = 64 << 20, REFS_BYTES = MARKED_REFS_MAX * (STIX_ID_MAX + 3) };

struct definition {
	char id[STIX_ID_MAX];
	size_t n;
	struct marking marking;
};

struct definitions {
	struct definition *list;
	size_t count, room;
};

/* What a definition means; false when it is not understood. */
static bool meaning_of(struct marking *out, yyjson_val *object)
{
	struct fault fault;
	enum err rc = marking_read(out, object, &fault);

	/* One with more names than there is room for is refused where it stands. */
	if (rc != OK)
		*out = (struct marking){.label = label_most_restrictive(), .has_tlp = true};
	return rc != ERR_NOT_FOUND;
}

static void keep(struct definitions *d, const struct stix_object *o)
{
	struct definition *at;
	struct marking m;

	if (o->type != STIX_TYPE_MARKING_DEFINITION || d->count == MARKED_DEFINITIONS_MAX ||
	    o->id.n > STIX_ID_MAX || !meaning_of(&m, o->root))
		return;
	if (d->count == d->room) {
		d->room = d->room ? d->room * 2 : 16;
		d->list = mem_grow(d->list, d->room, sizeof(d->list[0]));
	}
	at = &d->list[d->count++];
	memcpy(at->id, o->id.p, o->id.n);
	at->n = o->id.n;
	at->marking = m;
}

struct definitions *definitions_collect(struct str text, const struct foreign_options *options)
{
	struct definitions *d;
	struct foreign *f;
	struct arena *arena;
	struct foreign_item item;
	enum err rc;

	if (!marking_may_stand(text) || foreign_open(&f, text, options, NULL) != OK)
		return NULL;
	d = mem_alloc(sizeof(*d));
	arena = arena_new(OBJECT_MEMORY);
	for (;;) {
		struct stix_object o;

		arena_reset(arena);
		rc = foreign_next(f, &item, arena, NULL);
		if (rc == ERR_NOT_FOUND)
			break;
		if (rc == OK && !item.made && marking_may_stand(item.json) &&
		    stix_object_parse(&o, arena, item.json, NULL) == OK)
			keep(d, &o);
	}
	arena_free(arena);
	foreign_free(f);
	return d;
}

void definitions_free(struct definitions *d)
{
	if (!d)
		return;
	mem_free(d->list);
	mem_free(d);
}

/* Every definition of that id in the submission. */
static bool find(const struct definitions *d, struct str id, struct marking *out)
{
	struct marking m = marking_nothing();
	bool found = false;

	for (size_t i = 0; d && i < d->count; i++)
		if (str_eq_nocase((struct str){d->list[i].id, d->list[i].n}, id)) {
			m = marking_join(&m, &d->list[i].marking);
			found = true;
		}
	if (found)
		*out = m;
	return found;
}

struct collecting {
	struct marked *out;
	const struct definitions *known;
	struct buf refs;
	size_t count;
};

static void add_ref(void *ctx, struct str id)
{
	struct collecting *c = ctx;
	struct marking m;
	bool found = find(c->known, id, &m) || marking_well_known(&m, id);

	/* More than anybody means: what they ask is not told. */
	if (c->count == MARKED_REFS_MAX || id.n > STIX_ID_MAX) {
		c->out->own.label = label_most_restrictive();
		c->out->own.has_tlp = true;
		return;
	}
	c->count++;
	if (found)
		c->out->own = marking_join(&c->out->own, &m);
	buf_u8(&c->refs, found);
	buf_u16(&c->refs, (uint16_t)id.n);
	buf_put(&c->refs, id);
}

void marked_read(struct marked *out, const struct stix_object *o, const struct definitions *known,
    struct arena *arena)
{
	struct collecting c = {.out = out, .known = known};
	struct marking tlp = marking_nothing();

	*out = (struct marked){.own = marking_of_labels(o->root), .refs = S(""), .by = S("")};
	buf_init(&c.refs, REFS_BYTES);
	tlp.label.tlp = stix_object_markings(o, add_ref, &c);
	tlp.has_tlp = tlp.label.tlp != TLP_NONE;
	if (tlp.has_tlp)
		out->own = marking_join(&out->own, &tlp);
	if (c.refs.n)
		out->refs = arena_str(arena, buf_str(&c.refs));
	/* Without memory for the list, what is in it is unknown. */
	if (c.refs.n && !out->refs.p) {
		out->refs = S("");
		out->own = (struct marking){.label = label_most_restrictive(), .has_tlp = true};
	}
	buf_free(&c.refs);
	if (o->created_by_ref.n)
		out->by = o->created_by_ref;
}

/* What the ledger says of the id, in every version: a newer one lowers nothing. */
static bool find_in_ledger(
    const struct store *store, struct str id, struct marking *out, struct arena *arena)
{
	uint64_t seq = id.n && id.n <= STORE_ID_MAX ? store_find(store, id) : STORE_NONE;
	struct marking all = marking_nothing();
	size_t versions = 0;

	if (seq == STORE_NONE)
		return false;
	for (; seq != STORE_NONE; seq = store_older(store, seq)) {
		struct marking m = {.label = label_most_restrictive(), .has_tlp = true};
		struct stix_object o;
		enum err rc = ERR_LIMIT;

		if (store_row(store, seq)->kind != RECORD_OBJECT)
			continue;
		arena_reset(arena);
		if (versions++ < MARKED_VERSIONS_MAX)
			rc = stix_object_parse(&o, arena, store_content(store, seq), NULL);
		if (rc == OK && !meaning_of(&m, o.root))
			m = marking_unknown();
		all = marking_join(&all, &m);
		if (versions > MARKED_VERSIONS_MAX)
			break;
	}
	if (versions)
		*out = all;
	return versions > 0;
}

struct label marked_resolve(const struct marked *m, const struct store *store,
    const struct label *fallback, struct arena *arena)
{
	struct marking all = m->own;
	struct rd r = rd_of(m->refs);
	struct label out;

	while (r.n > 0 && !r.failed) {
		bool had = rd_u8(&r);
		struct str id = rd_bytes(&r, rd_u16(&r));
		struct marking found = marking_unknown();

		if (find_in_ledger(store, id, &found, arena) || !had)
			all = marking_join(&all, &found);
	}
	out = r.failed ? label_most_restrictive() : marking_settle(&all, fallback);
	/* Who made the object may see it whatever audience it names; a level alone needs none. */
	if (m->refs.n && !label_is_plain(&out))
		label_name_originator(&out, m->by);
	return out;
}
