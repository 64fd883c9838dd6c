/* SPDX-License-Identifier: Apache-2.0 */
#include "view/authors.h"

#include "codec/json.h"
#include "sync/peer.h"

/* No flood of strangers keeps a range from being read: past this, some of them stay unknown. */
enum { INTRODUCED_BYTES = 3 << 20 };

struct authors {
	struct json_writer w;
	const struct store *store;
	struct arena *arena;
	const struct buf *out;
	bool introduced; /* those that others introduced, after all that people have met */
};

static void add_author(void *ctx, struct str path)
{
	struct authors *a = ctx;
	struct known_peer p;

	if (known_peer(&p, a->store, str_from(path, sizeof("peer/") - 1), a->arena, NULL) != OK)
		return;
	if (p.introduced != a->introduced || (p.introduced && a->out->n > INTRODUCED_BYTES))
		return;
	json_object(&a->w, NULL);
	json_put_str(&a->w, "identity", p.identity);
	json_put_str(&a->w, "name", p.name);
	json_put_str(&a->w, "keys", p.keys);
	json_put_bool(&a->w, "refused", p.refused);
	json_put_int(&a->w, "until", p.until);
	json_list(&a->w, "former");
	for (size_t i = 0; i < p.former_count; i++) {
		json_object(&a->w, NULL);
		json_put_str(&a->w, "keys", p.former[i].keys);
		json_put_int(&a->w, "until", p.former[i].until);
		json_put_bool(&a->w, "foreign", p.former[i].foreign);
		json_end_object(&a->w);
	}
	json_end_list(&a->w);
	json_end_object(&a->w);
}

enum err authors_put(struct buf *out, const struct store *s, struct state *state,
    struct arena *arena, struct fault *fault)
{
	struct authors a = {.w = json_writer(out), .store = s, .arena = arena, .out = out};
	enum err rc;

	json_list(&a.w, NULL);
	rc = state_list(state, S("peer/"), add_author, &a, fault);
	a.introduced = true;
	if (rc == OK)
		rc = state_list(state, S("peer/identity--"), add_author, &a, fault);
	json_end_list(&a.w);
	return rc;
}
