/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/peer.h"

#include "codec/json.h"
#include "sync/introduction.h"

enum { PEER_NAME_MAX = 64, DECISION_MAX = 64 << 10, SCRATCH = 8 << 20 };

static enum err read_decision(yyjson_val **out, const struct store *s, struct str path,
    struct arena *arena, struct fault *fault)
{
	const struct json_limits limits = {.bytes = DECISION_MAX, .depth = 8};
	uint64_t seq = path.p ? store_find(s, path) : STORE_NONE;

	if (seq == STORE_NONE)
		return fail(fault, ERR_NOT_FOUND, "no %.*s", STR_ARG(path));
	return json_parse(out, arena, store_content(s, seq), &limits, fault) == OK ? OK
	                                                                           : ERR_CORRUPT;
}

static struct str join_lines(struct arena *arena, const struct key_lines *k)
{
	return arena_printf(arena, "%.*s\n%.*s", STR_ARG(k->key), STR_ARG(k->pq_key));
}

static struct key_lines copy_lines(struct arena *arena, const struct key_lines *k)
{
	return (struct key_lines){arena_str(arena, k->key), arena_str(arena, k->pq_key)};
}

/* Going back through the keys of a peer, from those that count. */
struct tracing {
	struct known_peer *p;
	const struct store *s;
	struct key_lines keys; /* the oldest so far */
	struct arena *arena, *scratch;
};

/* The keys before the oldest so far, when the number-th statement leads to them. What is read of it
 * goes into a scratch arena: there may be many peers. */
static enum err trace(struct tracing *t, numbered_path path, uint64_t number, struct fault *fault)
{
	struct former_keys *f = &t->p->former[t->p->former_count];
	struct rotation r;
	struct str note;
	uint64_t seq;

	arena_reset(t->scratch);
	if (numbered_note(&note, t->s, path, t->p->identity, number, t->scratch) != OK ||
	    rotation_recall(&r, t->scratch, note, NULL) != OK || !key_lines_eq(&r.after, &t->keys))
		return OK;
	t->keys = copy_lines(t->arena, &r.before);
	*f = (struct former_keys){
	    .keys = join_lines(t->arena, &t->keys), .until = r.time + ROTATION_OVERLAP};
	if (path == former_path) {
		seq = store_find(t->s, former_path(t->scratch, t->p->identity, number));
		f->learned = seq == STORE_NONE ? INT64_MAX : store_row(t->s, seq)->received;
	}
	t->p->former_count++;
	return f->keys.p ? OK : fail(fault, ERR_NOMEM, "no memory for keys");
}

/* Statement by statement to the keys that it was met by, and from there to its first. */
static enum err find_former(struct known_peer *p, const struct store *s, struct key_lines keys,
    struct arena *arena, struct fault *fault)
{
	struct tracing t = {p, s, keys, arena, arena_new(SCRATCH)};
	uint64_t n = rotation_count(s, p->identity, t.scratch);
	uint64_t older = numbered_count(s, former_path, p->identity, ROTATIONS_MAX, t.scratch);
	enum err rc = OK;

	p->former = arena_array(arena, (size_t)(n + older) + 1, sizeof(*p->former));
	if (!p->former)
		rc = fail(fault, ERR_NOMEM, "no memory for keys");
	for (; rc == OK && n > 0; n--)
		rc = trace(&t, rotation_path, n, fault);
	for (uint64_t i = 1; rc == OK && i <= older; i++)
		rc = trace(&t, former_path, i, fault);
	arena_free(t.scratch);
	return rc;
}

/* What is known to have been in other hands counts up to then and no longer. Of keys that these
 * named as the ones before them, when they were in other hands already, nothing counts, and so
 * back: all of them may be made up. */
void known_peer_disown(struct known_peer *p, const struct compromise *c)
{
	bool told = compromise_names(c, known_peer_first(p->keys));

	for (size_t i = 0; i < p->former_count; i++) {
		struct former_keys *f = &p->former[i];
		bool named = compromise_names(c, known_peer_first(f->keys));

		if (told && f->learned > c->since)
			f->until = 0;
		else if (named && c->since < f->until)
			f->until = c->since;
		f->foreign |= named || f->until == 0;
		told |= named;
	}
	if (compromise_names(c, known_peer_first(p->keys)) && c->since < p->until)
		p->until = c->since;
}

/* One that cannot be read lets nothing of the peer count. */
static enum err apply_compromises(struct known_peer *p, const struct store *s, struct fault *fault)
{
	struct arena *scratch = arena_new(SCRATCH);
	uint64_t count = compromise_count(s, p->identity, scratch);
	enum err rc = OK;

	for (uint64_t n = 1; rc == OK && n <= count; n++) {
		struct compromise c;
		struct str note;

		arena_reset(scratch);
		rc = compromise_note(&note, s, p->identity, n, scratch);
		if (rc == OK)
			rc = compromise_read(&c, note, NULL);
		if (rc == OK)
			known_peer_disown(p, &c);
		else
			rc = fail(fault, ERR_CORRUPT, "a statement about stolen keys is damaged");
	}
	arena_free(scratch);
	return rc;
}

enum err known_recipient(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault)
{
	struct known_peer p = {.name = name, .until = INT64_MAX};
	struct key_lines keys;
	yyjson_val *root;

	if (name.n == 0 || name.n > PEER_NAME_MAX)
		return fail(fault, ERR_INVALID, "peer: 1 to %d bytes", PEER_NAME_MAX);
	TRY(read_decision(&root, s, arena_printf(arena, "peer/%.*s", STR_ARG(name)), arena, fault));
	p.active = str_eq(json_get_str(root, "state"), S("active"));
	p.introduced = json_get_str(root, "introduced_by").p;
	p.refused = p.introduced && !str_eq(json_get_str(root, "state"), INTRODUCED);
	p.identity = json_get_str(root, "identity");
	p.origin = json_get_str(root, "origin");
	p.cert = json_get_str(root, "cert");
	p.next_cert = json_get_str(root, "next_cert");
	keys = (struct key_lines){json_get_str(root, "key"), json_get_str(root, "pq_key")};
	p.keys = join_lines(arena, &keys);
	if (p.identity.n == 0 || !p.keys.p)
		return fail(
		    fault, ERR_CORRUPT, "peer %.*s: its decision is incomplete", STR_ARG(name));
	TRY(find_former(&p, s, keys, arena, fault));
	TRY(apply_compromises(&p, s, fault));
	*out = p;
	return OK;
}

enum err known_peer(struct known_peer *out, const struct store *s, struct str name,
    struct arena *arena, struct fault *fault)
{
	struct known_peer p;

	TRY(known_recipient(&p, s, name, arena, fault));
	if (p.origin.n == 0)
		return fail(fault, ERR_NOT_FOUND,
		    "%.*s: its keys are not known here: things go to it, none come from it",
		    STR_ARG(name));
	*out = p;
	return OK;
}

static enum err open_with(
    struct str *text, struct str keys, struct str note, struct arena *arena, struct fault *fault)
{
	struct note_keys parsed;

	TRY(note_keys_parse(&parsed, arena, keys, fault));
	return note_open_all(text, note, &parsed, fault);
}

enum err known_peer_open(struct str *text, const struct known_peer *p, struct str note, usec now,
    struct arena *arena, struct fault *fault)
{
	enum err rc;

	if (p->until != INT64_MAX)
		return fail(fault, ERR_DENIED, "its keys are known to be in other hands");
	rc = open_with(text, p->keys, note, arena, fault);
	for (size_t i = 0; i < p->former_count && rc == ERR_NOT_FOUND; i++)
		if (now < p->former[i].until && !p->former[i].foreign)
			rc = open_with(text, p->former[i].keys, note, arena, fault);
	return rc;
}

struct str known_peer_first(struct str keys)
{
	return str_cut(&keys, '\n');
}

enum err known_peer_compromise(struct compromise *out, const struct known_peer *p, struct str note,
    struct arena *arena, struct fault *fault)
{
	struct compromise c;
	struct str text;
	enum err rc;

	TRY(compromise_read(&c, note, fault));
	if (!str_eq(c.identity, p->identity))
		return fail(fault, ERR_DENIED, "compromise: it is another node's");
	if (compromise_names(&c, known_peer_first(p->keys)))
		return fail(
		    fault, ERR_DENIED, "compromise: keys that count do not say it of themselves");
	rc = open_with(&text, p->keys, note, arena, fault);
	/* Those who stated it may have been followed since. */
	for (size_t i = 0; i < p->former_count && rc == ERR_NOT_FOUND; i++)
		if (!p->former[i].foreign &&
		    !compromise_names(&c, known_peer_first(p->former[i].keys)))
			rc = open_with(&text, p->former[i].keys, note, arena, fault);
	TRY(rc);
	*out = c;
	return OK;
}

/* A member of a peer's decision with a new value. */
struct change {
	const char *name;
	struct str value;
};

static bool is_changed(yyjson_val *key, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (yyjson_equals_str(key, changes[i].name))
			return true;
	return false;
}

/* Everything that the peer's decision says, but for what has changed. */
static struct str renewed(
    struct arena *arena, yyjson_val *root, const struct change *changes, size_t count)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(root);
	struct str text = STR_NONE;
	struct json_writer w;
	yyjson_val *key;
	struct buf b;

	buf_init(&b, DECISION_MAX);
	w = json_writer(&b);
	json_object(&w, NULL);
	while ((key = yyjson_obj_iter_next(&it))) {
		yyjson_val *value = yyjson_obj_iter_get_val(key);

		if (is_changed(key, changes, count))
			continue;
		if (yyjson_is_str(value))
			json_put_str(&w, yyjson_get_str(key), json_str(value));
		else if (yyjson_is_bool(value))
			json_put_bool(&w, yyjson_get_str(key), yyjson_get_bool(value));
	}
	for (size_t i = 0; i < count; i++)
		json_put_str(&w, changes[i].name, changes[i].value);
	json_end_object(&w);
	if (b.failed == OK)
		text = arena_str(arena, buf_str(&b));
	buf_free(&b);
	return text;
}

enum err known_peer_link(struct peer_link *out, const struct store *s, struct str name,
    struct str note, usec now, struct arena *arena, struct fault *fault)
{
	struct known_peer p;
	struct link_cert c;
	yyjson_val *root;
	struct str text;

	*out = (struct peer_link){.json = STR_NONE};
	TRY(known_peer(&p, s, name, arena, fault));
	TRY(link_cert_read(&c, note, fault));
	/* It may be older than the keys that count: those before signed it at its time. What nobody
	 * who counts signed says nothing. */
	if (!str_eq(c.identity, p.identity) || str_eq(c.cert, p.cert) ||
	    str_eq(c.cert, p.next_cert) ||
	    known_peer_open(&text, &p, note, now < c.time ? now : c.time, arena, NULL) != OK)
		return OK;
	out->path = arena_printf(arena, "peer/%.*s", STR_ARG(name));
	TRY(read_decision(&root, s, out->path, arena, fault));
	/* What was to come is there, now that more is to come. */
	const struct change changes[] = {{"by", S("link-cert")}, {"next_cert", c.cert},
	    {"cert", p.next_cert.n ? p.next_cert : p.cert}};
	out->json = renewed(arena, root, changes, sizeof(changes) / sizeof(changes[0]));
	return out->json.p ? OK : fail(fault, ERR_LIMIT, "link certificate: too long");
}

static bool is_known(const struct known_peer *p, const struct key_lines *keys, struct arena *arena)
{
	struct str lines = join_lines(arena, keys);

	for (size_t i = 0; i < p->former_count; i++)
		if (str_eq(p->former[i].keys, lines))
			return true;
	return str_eq(p->keys, lines);
}

/* The keys from before all that is known. */
static struct str oldest_of(const struct known_peer *p)
{
	return p->former_count ? p->former[p->former_count - 1].keys : p->keys;
}

enum err known_peer_former(struct peer_rotation *out, const struct store *s, struct str name,
    struct str note, struct arena *arena, struct fault *fault)
{
	struct known_peer p;
	uint64_t n;
	struct buf b;

	*out = (struct peer_rotation){.news = true};
	TRY(known_peer(&p, s, name, arena, fault));
	TRY(rotation_read(&out->rotation, arena, note, fault));
	n = numbered_count(s, former_path, p.identity, ROTATIONS_MAX, arena);
	if (!str_eq(out->rotation.identity, p.identity) || p.until != INT64_MAX ||
	    n == ROTATIONS_MAX || (p.former_count && p.former[p.former_count - 1].foreign) ||
	    !str_eq(join_lines(arena, &out->rotation.after), oldest_of(&p)) ||
	    is_known(&p, &out->rotation.before, arena))
		return fail(fault, ERR_NOT_FOUND, "rotation: it does not follow on what is known");
	buf_init(&b, 2 * ROTATION_NOTE_MAX);
	rotation_record(&b, note, arena_printf(arena, "peer:%.*s", STR_ARG(name)));
	out->path = former_path(arena, p.identity, n + 1);
	out->json = b.failed == OK ? arena_str(arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	return out->path.p && out->json.p ? OK : fail(fault, ERR_LIMIT, "rotation: too long");
}

static enum err put_rotation(struct peer_rotation *out, const struct store *s,
    const struct known_peer *p, yyjson_val *root, struct str note, struct arena *arena,
    struct fault *fault)
{
	const struct change changes[] = {{"by", S("rotation")}, {"key", out->rotation.after.key},
	    {"pq_key", out->rotation.after.pq_key}};
	uint64_t n = rotation_count(s, p->identity, arena);
	struct buf b;

	if (n == ROTATIONS_MAX)
		return fail(fault, ERR_LIMIT, "a node rotates at most %d times", ROTATIONS_MAX);
	buf_init(&b, 2 * ROTATION_NOTE_MAX);
	rotation_record(&b, note, arena_printf(arena, "peer:%.*s", STR_ARG(p->name)));
	out->path = rotation_path(arena, p->identity, n + 1);
	out->json = b.failed == OK ? arena_str(arena, buf_str(&b)) : STR_NONE;
	buf_free(&b);
	out->peer_path = arena_printf(arena, "peer/%.*s", STR_ARG(p->name));
	out->peer_json = renewed(arena, root, changes, sizeof(changes) / sizeof(changes[0]));
	out->news = true;
	if (!out->path.p || !out->json.p || !out->peer_path.p || !out->peer_json.p)
		return fail(fault, ERR_LIMIT, "rotation: too long");
	return OK;
}

enum err known_peer_rotate(struct peer_rotation *out, const struct store *s, struct str name,
    struct str note, struct arena *arena, struct fault *fault)
{
	struct known_peer p;
	yyjson_val *root;

	*out = (struct peer_rotation){.news = false};
	TRY(known_peer(&p, s, name, arena, fault));
	TRY(rotation_read(&out->rotation, arena, note, fault));
	if (!str_eq(out->rotation.identity, p.identity))
		return fail(fault, ERR_DENIED, "rotation: it is another node's");
	if (is_known(&p, &out->rotation.after, arena))
		return OK;
	if (p.until != INT64_MAX)
		return fail(fault, ERR_DENIED,
		    "rotation: the keys that signed it are known to be in other hands");
	if (!str_eq(join_lines(arena, &out->rotation.before), p.keys))
		return fail(fault, ERR_DENIED,
		    "rotation: the keys that it was signed by are not those pinned here");
	TRY(read_decision(&root, s, arena_printf(arena, "peer/%.*s", STR_ARG(name)), arena, fault));
	return put_rotation(out, s, &p, root, note, arena, fault);
}

/* Two within a microsecond, or a clock set back: the later one still wins. */
static int64_t version_of(const struct store *s, struct str path, usec now)
{
	uint64_t newest = store_find(s, path);

	return newest != STORE_NONE && store_row(s, newest)->version >= now
	           ? store_row(s, newest)->version + 1
	           : now;
}

enum err known_peer_put(struct store *s, struct str path, struct str json, struct str label,
    usec now, struct fault *fault)
{
	struct record r = {.kind = RECORD_DECISION,
	    .id = path,
	    .version = version_of(s, path, now),
	    .label = label,
	    .content = json};
	uint64_t seq;

	return store_append(s, &r, 1, &seq, fault);
}

enum err known_peer_keep(
    struct store *s, const struct peer_rotation *r, struct str label, usec now, struct fault *fault)
{
	struct record records[] = {{.kind = RECORD_DECISION,
	                               .id = r->path,
	                               .version = version_of(s, r->path, now),
	                               .label = label,
	                               .content = r->json},
	    {.kind = RECORD_DECISION,
	        .id = r->peer_path,
	        .version = version_of(s, r->peer_path, now),
	        .label = label,
	        .content = r->peer_json}};
	uint64_t first;

	return store_append(s, records, 2, &first, fault);
}
