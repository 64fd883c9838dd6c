/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <string.h>

#include "base/mem.h"
#include "crypt/random.h"
#include "crypt/token.h"
#include "gate/internal.h"
#include "sys/files.h"

enum { SCRATCH_MAX = 256 << 20, SECRET_FILE_MAX = 4096 };

static enum err load_secret(struct gate *g, struct str node_dir, struct fault *fault)
{
	struct arena *a = arena_new(1 << 16);
	struct str path = file_join(a, node_dir, "keys/session");
	struct str bytes;
	enum err rc = ERR_NOT_FOUND;

	/* Who reads a copy of a node without its keys gets tokens that last as long as it does. */
	if (file_exists(path))
		rc = file_read(&bytes, a, path, SECRET_FILE_MAX, fault);
	if (rc == OK && bytes.n < SECRET_BYTES)
		rc = fail(
		    fault, ERR_CORRUPT, "%.*s: shorter than %d bytes", STR_ARG(path), SECRET_BYTES);
	if (rc == OK)
		g->secret = sha256(bytes);
	else if (rc == ERR_NOT_FOUND)
		random_secret(&g->secret, sizeof(g->secret));
	arena_free(a);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* The ledger's public key lies beside it, for whoever holds a proof against it. */
enum err gate_load_public_key(struct gate *g, struct fault *fault)
{
	struct arena *a = arena_new(1 << 16);
	struct str path = file_join(a, str_c(g->ledger), "public-key");
	struct str bytes = STR_NONE;
	enum err rc = OK;

	if (file_exists(path))
		rc = file_read(&bytes, a, path, PUBLIC_KEY_MAX, fault);
	if (rc == OK && bytes.n > 0) {
		bytes = str_trim(bytes);
		memcpy(g->public_key, bytes.p, bytes.n);
		g->public_key_size = bytes.n;
	}
	arena_free(a);
	return rc;
}

static enum err open_store(struct gate *g, struct store **out, struct fault *fault)
{
	const struct store_options options = {.dir = str_c(g->ledger), .env = g->env};

	return store_open(out, &options, fault);
}

static enum err open_parts(struct gate *g, struct str node_dir, struct fault *fault)
{
	struct str ledger, views, history;

	arena_reset(g->scratch);
	ledger = file_join(g->scratch, node_dir, "ledger");
	views = file_join(g->scratch, node_dir, "views");
	history = file_join(g->scratch, node_dir, "history");
	if (!ledger.p || !views.p || !history.p || history.n >= sizeof(g->history_dir))
		return fail(fault, ERR_LIMIT, "path too long: %.*s", STR_ARG(node_dir));
	memcpy(g->ledger, ledger.p, ledger.n);
	memcpy(g->history_dir, history.p, history.n);
	TRY(open_store(g, &g->store, fault));
	TRY(people_open(&g->people, node_dir, fault));
	TRY(feeds_open(&g->feeds, views, fault));
	TRY(relations_open(&g->relations, views, fault));
	TRY(text_open(&g->text, views, fault));
	TRY(state_open(&g->state, views, fault));
	TRY(gate_load_public_key(g, fault));
	TRY(indicators_open(&g->indicators, views, fault));
	TRY(guard_book_open(&g->book, views, fault));
	g->kept = gate_kept_new(views);
	TRY(evidence_open(&g->evidence, views, fault));
	TRY(egress_open(&g->egress, views, fault));
	return load_secret(g, node_dir, fault);
}

enum err gate_open(
    struct gate **out, struct str node_dir, const struct env *env, struct fault *fault)
{
	struct gate *g = mem_alloc(sizeof(*g));
	enum err rc;

	g->env = env;
	g->scratch = arena_new(SCRATCH_MAX);
	g->testimony = arena_new(SCRATCH_MAX);
	g->worths = gate_worths_new();
	g->principals = principals_new(node_dir);
	rc = open_parts(g, node_dir, fault);
	if (rc != OK) {
		gate_close(g);
		return rc;
	}
	*out = g;
	return OK;
}

/* What was remembered about numbers of labels and records. */
static void forget(struct gate *g)
{
	for (size_t i = 0; i < g->sight_count; i++) {
		mem_free(g->sights[i].types);
		mem_free(g->sights[i].terms);
		releases_free(g->sights[i].releases);
		g->sights[i] = (struct sight){.types = NULL};
	}
	g->sight_count = 0;
	for (size_t i = 0; i < TALLIES_MAX; i++) {
		figures_free(g->tallies[i]);
		g->tallies[i] = NULL;
	}
	node_free(g->node);
	g->node = NULL;
	if (g->principals)
		principals_forget(g->principals);
	g->label_count = 0;
	g->derived = g->derived_seen = 0;
}

void gate_close(struct gate *g)
{
	if (!g)
		return;
	forget(g);
	principals_free(g->principals);
	mem_free(g->labels);
	indicators_close(g->indicators);
	guard_book_close(g->book);
	gate_kept_free(g->kept);
	evidence_close(g->evidence);
	gate_worths_free(g->worths);
	arena_free(g->testimony);
	egress_close(g->egress);
	history_reader_close(g->history);
	state_close(g->state);
	text_close(g->text);
	relations_close(g->relations);
	feeds_close(g->feeds);
	for (size_t i = 0; i < g->retired_count; i++)
		store_close(g->retired[i]);
	if (g->store)
		store_close(g->store);
	people_close(g->people);
	arena_free(g->scratch);
	mem_free(g);
}

struct reader gate_local_reader(void)
{
	return (struct reader){.name = S("local"),
	    .role = ROLE_ADMIN,
	    .kind = READER_OPERATOR,
	    .own = true,
	    .clearance = TLP_RED};
}

/* Labels decoded once. */
static void learn_labels(struct gate *g)
{
	uint32_t count = store_labels(g->store);

	if (count > g->label_room) {
		g->label_room = count + 64;
		g->labels = mem_grow(g->labels, g->label_room, sizeof(*g->labels));
	}
	for (; g->label_count < count; g->label_count++)
		g->labels[g->label_count] =
		    label_decode(store_label(g->store, (uint16_t)g->label_count));
}

struct label gate_label(struct gate *g, uint16_t label)
{
	if (label >= g->label_count)
		learn_labels(g);
	return label < g->label_count ? g->labels[label] : label_decode(STR_NONE);
}

static void sight_begin(
    struct gate *g, struct sight *s, const struct reader *reader, enum outlet outlet, usec now)
{
	s->reader = *reader;
	s->reader.name = STR_NONE;
	s->outlet = outlet;
	s->number = ++g->sight_numbers;
	s->known = 0;
	s->until = policy_reader_until(reader, now);
	/* One place a label that can ever be: a label is 16 bits. */
	if (!s->types)
		s->types = mem_alloc((UINT16_MAX + 1) * sizeof(*s->types));
	if (!s->terms)
		s->terms = mem_alloc((UINT16_MAX + 1) * sizeof(*s->terms));
	releases_free(s->releases);
	s->releases = releases_new();
}

static struct sight *sight_slot(
    struct gate *g, const struct reader *reader, enum outlet outlet, usec now)
{
	struct sight *oldest = &g->sights[0];

	for (size_t i = 0; i < g->sight_count; i++) {
		struct sight *s = &g->sights[i];

		if (s->outlet == outlet && policy_same_reader(&s->reader, reader)) {
			if (now >= s->until)
				sight_begin(g, s, reader, outlet, now);
			return s;
		}
		if (s->used < oldest->used)
			oldest = s;
	}
	if (g->sight_count < SIGHTS_MAX)
		oldest = &g->sights[g->sight_count++];
	sight_begin(g, oldest, reader, outlet, now);
	return oldest;
}

static bool types_matter(const struct reader *reader)
{
	for (size_t i = 0; i < reader->community_count; i++)
		if (reader->communities[i].types != COMMUNITY_TYPES_ALL)
			return true;
	return false;
}

static void note_verdict(struct sight *s, uint32_t at, enum verdict verdict, uint64_t types)
{
	if (verdict == VERDICT_ALLOW)
		s->types[at] |= types;
	else if (verdict == VERDICT_REDACT)
		s->terms[at] |= types;
}

static void decide_types(
    struct sight *s, uint32_t at, const struct label *label, bool by_type, usec now)
{
	s->types[at] = 0;
	s->terms[at] = 0;
	if (!by_type)
		note_verdict(
		    s, at, policy_decide(label, &s->reader, s->outlet, now).verdict, UINT64_MAX);
	for (unsigned type = 0; by_type && type < STIX_TYPES; type++)
		note_verdict(s, at,
		    policy_decide_type(label, (uint16_t)type, &s->reader, s->outlet, now).verdict,
		    UINT64_C(1) << type);
}

/* The writer recovered and made its index anew: labels may have other numbers there. */
void gate_renew(struct gate *g)
{
	struct store *fresh;

	if (!store_stale(g->store) || g->retired_count == RETIRED_MAX ||
	    open_store(g, &fresh, NULL) != OK)
		return;
	forget(g);
	g->retired[g->retired_count++] = g->store;
	g->store = fresh;
}

const struct sight *gate_sight(const struct gate_ask *ask)
{
	struct gate *g = ask->gate;
	usec now = env_now(g->env);
	bool by_type = types_matter(ask->reader);
	struct sight *s;

	gate_renew(g);
	s = sight_slot(g, ask->reader, ask->outlet, now);
	s->used = ++g->clock;
	/* Records may show a label that came after this count was read: size first, labels after.
	 */
	learn_labels(g);
	for (; s->known < g->label_count; s->known++) {
		const struct label *label = &g->labels[s->known];
		usec until = policy_label_until(label, now);

		decide_types(s, s->known, label, by_type, now);
		if (until < s->until)
			s->until = until;
	}
	return s;
}

void gate_fill(struct gate *g, uint64_t seq, struct gate_object *out)
{
	const struct row *row = store_row(g->store, seq);

	*out = (struct gate_object){
	    .seq = seq,
	    .id = store_id(g->store, seq),
	    .bytes = store_content(g->store, seq),
	    .label = gate_label(g, row->label),
	    .version = row->version,
	    .received = row->received,
	    .added = row->added,
	    .source = row->source,
	    .type = row->tag,
	    .revoked = (row->flags & RECORD_FLAG_REVOKED) != 0,
	    .redacted = (row->flags & RECORD_FLAG_REDACTED) != 0,
	    .spec = row->flags & RECORD_FLAG_SPEC_20 ? STIX_SPEC_20 : STIX_SPEC_21,
	};
}

enum err gate_parse(struct gate *g, uint64_t seq, struct stix_object *out)
{
	arena_reset(g->scratch);
	return stix_object_parse(out, g->scratch, store_content(g->store, seq), NULL);
}

static bool is_object(const struct row *row)
{
	return row->kind == RECORD_OBJECT;
}

uint64_t gate_newest(const struct gate *g, const struct sight *sight, struct str id)
{
	uint64_t seq = store_find(g->store, id);

	for (; seq != STORE_NONE; seq = store_older(g->store, seq))
		if (is_object(store_row(g->store, seq)) && sight_allows(g, sight, seq))
			return seq;
	return STORE_NONE;
}

bool gate_is_newest(const struct gate *g, const struct sight *sight, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);

	if (!is_object(row) || !sight_allows(g, sight, seq))
		return false;
	return !store_superseded(row) || gate_newest(g, sight, store_id(g->store, seq)) == seq;
}

static enum err fail_absent(struct str id, struct fault *fault)
{
	return fail(fault, ERR_NOT_FOUND, "no object %.*s", STR_ARG(str_slice(id, 0, 255)));
}

enum err gate_get(const struct gate_ask *ask, struct str id, int64_t version,
    struct gate_object *out, struct fault *fault)
{
	struct gate *g = ask->gate;
	const struct sight *sight = gate_sight(ask);
	uint64_t seq;

	if (id.n == 0 || id.n > STORE_ID_MAX)
		return fail_absent(id, fault);
	seq = version == GATE_NEWEST ? gate_newest(g, sight, id)
	                             : store_find_version(g->store, id, version);
	if (seq == STORE_NONE || !is_object(store_row(g->store, seq)) ||
	    !sight_allows(g, sight, seq))
		return fail_absent(id, fault);
	gate_fill(g, seq, out);
	gate_note(ask, out);
	return OK;
}

const char *gate_rule(const struct gate_ask *ask, const struct gate_object *object)
{
	return policy_decide_type(
	    &object->label, object->type, ask->reader, ask->outlet, env_now(ask->gate->env))
	    .rule;
}

enum err gate_versions(
    const struct gate_ask *ask, struct str id, struct gate_versions *out, struct fault *fault)
{
	struct gate *g = ask->gate;
	const struct sight *sight = gate_sight(ask);
	uint64_t newest = id.n && id.n <= STORE_ID_MAX ? gate_newest(g, sight, id) : STORE_NONE;
	struct gate_object *items;
	size_t count = 0, n = 0;

	for (uint64_t s = newest; s != STORE_NONE && count < GATE_VERSIONS_MAX;
	    s = store_older(g->store, s))
		count += sight_allows(g, sight, s) ? 1 : 0;
	if (count == 0)
		return fail_absent(id, fault);
	items = arena_array(ask->arena, count, sizeof(*items));
	if (!items)
		return fail(fault, ERR_NOMEM, "out of memory for %zu versions", count);
	for (uint64_t s = newest; s != STORE_NONE && n < count; s = store_older(g->store, s))
		if (sight_allows(g, sight, s))
			gate_fill(g, s, &items[n++]);
	gate_note(ask, &items[0]);
	*out = (struct gate_versions){.items = items, .count = n};
	return OK;
}

struct sha256 gate_secret(const struct gate *g, struct str purpose)
{
	return hmac_sha256((struct str){(const char *)g->secret.b, SHA256_LEN}, purpose);
}

/* A token is for one purpose and one reader: what it is bound to, without ambiguity. */
static struct sha256 bound_to(const struct gate_ask *ask, struct str purpose)
{
	const unsigned char n[4] = {(unsigned char)(purpose.n >> 24),
	    (unsigned char)(purpose.n >> 16), (unsigned char)(purpose.n >> 8),
	    (unsigned char)purpose.n};
	const char clearance = (char)ask->reader->clearance;
	const struct str parts[] = {
	    {(const char *)n, sizeof(n)}, purpose, {&clearance, 1}, ask->reader->name};

	return sha256_parts(parts, 4);
}

struct str gate_token_seal(const struct gate_ask *ask, struct str purpose, struct str plain)
{
	struct sha256 key = gate_secret(ask->gate, S("token"));
	struct sha256 bound = bound_to(ask, purpose);

	if (plain.n > GATE_TOKEN_PLAIN_MAX)
		return STR_NONE;
	return token_seal(&key, (struct str){(const char *)bound.b, SHA256_LEN}, plain, ask->arena);
}

enum err gate_token_open(const struct gate_ask *ask, struct str purpose, struct str token,
    struct str *out, struct fault *fault)
{
	struct sha256 key = gate_secret(ask->gate, S("token"));
	struct sha256 bound = bound_to(ask, purpose);
	enum err rc = token_open(
	    out, &key, (struct str){(const char *)bound.b, SHA256_LEN}, token, ask->arena);

	if (rc == ERR_INVALID)
		return fail(fault, rc, "this `next` is not of this list, query and reader");
	return rc == OK ? OK : fail(fault, rc, "out of memory");
}
