/* SPDX-License-Identifier: Apache-2.0 */
#include "view/authors.h"

#include "codec/json.h"
#include "sync/peer.h"

/* No flood of strangers keeps a range from being read: past this, some of them stay unknown. */
enum { INTRODUCED_BYTES = 3 << 20 };

/* Those that others introduced come after all that people have met. */
struct stranger {
	struct stranger *next;
	struct known_peer peer;
};

struct authors {
	struct json_writer w;
	const struct store *store;
	struct arena *arena;
	struct stranger *strangers, **last;
};

static void put_author(struct json_writer *w, const struct known_peer *p)
{
	json_object(w, NULL);
	json_put_str(w, "identity", p->identity);
	json_put_str(w, "name", p->name);
	json_put_str(w, "keys", p->keys);
	json_put_bool(w, "refused", p->refused);
	json_put_int(w, "until", p->until);
	json_list(w, "former");
	for (size_t i = 0; i < p->former_count; i++) {
		json_object(w, NULL);
		json_put_str(w, "keys", p->former[i].keys);
		json_put_int(w, "until", p->former[i].until);
		json_put_bool(w, "foreign", p->former[i].foreign);
		json_put_int(w, "learned", p->former[i].learned);
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

static void add_author(void *ctx, struct str path)
{
	struct authors *a = ctx;
	struct stranger *stranger;
	struct known_peer p;

	path = arena_str(a->arena, path); /* it lives no longer than this call, a stranger does */
	if (!path.p ||
	    known_peer(&p, a->store, str_from(path, sizeof("peer/") - 1), a->arena, NULL) != OK)
		return;
	if (!p.introduced) {
		put_author(&a->w, &p);
		return;
	}
	stranger = arena_alloc(a->arena, sizeof(*stranger));
	if (!stranger)
		return;
	*stranger = (struct stranger){.peer = p};
	*a->last = stranger;
	a->last = &stranger->next;
}

enum err authors_put(struct buf *out, const struct store *s, struct state *state,
    struct arena *arena, struct fault *fault)
{
	struct authors a = {
	    .w = json_writer(out), .store = s, .arena = arena, .last = &a.strangers};
	enum err rc;

	json_list(&a.w, NULL);
	rc = state_list(state, S("peer/"), add_author, &a, fault);
	for (const struct stranger *x = a.strangers; x && out->n <= INTRODUCED_BYTES; x = x->next)
		put_author(&a.w, &x->peer);
	json_end_list(&a.w);
	return rc;
}
