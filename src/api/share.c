/* SPDX-License-Identifier: Apache-2.0 */
#include "api/share.h"

#include "api/audience.h"
#include "api/request.h"
#include "base/uuid.h"
#include "codec/time.h"
#include "policy/marking.h"

enum {
	BUNDLE_MAX = 20 << 20,
	EXTENSION_MAX = 16 << 10,
	ANSWER_MAX = 32 << 20,
	PARSED_MAX = 256 << 20,
};

static const usec MILLISECOND = 1000;

/* ---- the new version: every member as it was written, but for two ---- */

/* Behind the closing quote of the text whose opening one is at `at`. */
static size_t text_end(struct str json, size_t at)
{
	for (at++; at < json.n && json.p[at] != '"'; at++)
		if (json.p[at] == '\\')
			at++;
	return at + 1;
}

/* Where the value that begins at `at` of well-formed JSON ends: at a comma or a closing bracket. */
static size_t value_end(struct str json, size_t at)
{
	size_t depth = 0;

	while (at < json.n) {
		char c = json.p[at];
		bool closes = c == '}' || c == ']';

		if (depth == 0 && (closes || c == ','))
			return at;
		depth += c == '{' || c == '[';
		depth -= closes;
		at = c == '"' ? text_end(json, at) : at + 1;
	}
	return json.n;
}

struct member {
	struct str key, value; /* as written, the key with its quotes */
};

/* The next member after *at, which begins behind the opening brace. */
static bool next_member(struct str json, size_t *at, struct member *out)
{
	size_t end = value_end(json, *at);
	struct str text = str_trim(str_slice(json, *at, end));
	size_t colon;

	if (text.n < 2 || text.p[0] != '"')
		return false;
	colon = text_end(text, 0);
	out->key = str_slice(text, 0, colon);
	out->value = str_trim(str_from(text, colon));
	out->value = str_trim(str_from(out->value, 1));
	*at = end < json.n && json.p[end] == ',' ? end + 1 : json.n;
	return true;
}

static void put_member(struct buf *out, struct str key, struct str value)
{
	buf_byte(out, out->n ? ',' : '{');
	buf_put(out, key);
	buf_byte(out, ':');
	buf_put(out, value);
}

void share_rewrite(struct buf *out, struct str object, const char *modified, struct str refs)
{
	const struct str version = S("\"modified\""), markings = S("\"object_marking_refs\"");
	struct str text = str_trim(object);
	char time[TIME_TEXT + 3];
	struct member m;
	bool marked = false, dated = false;
	size_t at = 1;

	(void)snprintf(time, sizeof(time), "\"%s\"", modified);
	while (next_member(text, &at, &m)) {
		bool marks = str_eq(m.key, markings), dates = str_eq(m.key, version);

		marked |= marks;
		dated |= dates;
		put_member(out, m.key, marks ? refs : dates ? str_c(time) : m.value);
	}
	/* Who wrote the names with escapes has them twice now, and that is refused. */
	if (!dated)
		put_member(out, version, str_c(time));
	if (!marked)
		put_member(out, markings, refs);
	buf_byte(out, '}');
}

/* ---- its markings ---- */

/* Statements stay: terms of use are not the label's. */
static bool is_statement(const struct gate_ask *ask, struct str id, struct arena *arena)
{
	struct gate_object found;
	struct stix_object o;

	return gate_get(ask, id, GATE_NEWEST, &found, NULL) == OK &&
	       stix_object_parse(&o, arena, found.bytes, NULL) == OK &&
	       marking_is_statement(o.root);
}

static void put_refs(struct buf *out, const struct gate_ask *ask, const struct stix_object *o,
    struct str marking, struct arena *arena)
{
	struct json_writer w = json_writer(out);
	yyjson_val *ref;
	size_t i, n;

	json_list(&w, NULL);
	json_put_str(&w, NULL, marking);
	yyjson_arr_foreach(yyjson_obj_get(o->root, "object_marking_refs"), i, n, ref)
	{
		if (is_statement(ask, json_str(ref), arena))
			json_put_str(&w, NULL, json_str(ref));
	}
	json_end_list(&w);
}

static void put_definition(
    struct json_writer *w, const struct share *s, const char *created, struct str extension)
{
	json_object(w, NULL);
	json_put_str(w, "type", S("marking-definition"));
	json_put_str(w, "spec_version", S("2.1"));
	json_put_str(w, "id", s->marking);
	json_put_str(w, "created", str_c(created));
	json_object(w, "extensions");
	json_put_raw(w, TOCSIN_LABEL_EXTENSION, extension);
	json_end_object(w);
	json_end_object(w);
}

static struct str fresh_id(struct arena *arena, const char *type, const struct env *env)
{
	struct uuid uuid = uuid_v4(env);
	char text[UUID_TEXT + 1];

	uuid_format(text, &uuid);
	return arena_printf(arena, "%s--%s", type, text);
}

/* A level alone is said by the marking that everybody knows. */
static void put_objects(struct share *s, const struct gate_ask *ask, const struct env *env,
    const char *modified, struct str extension, struct str object)
{
	struct json_writer w = json_writer(&s->bundle);

	json_object(&w, NULL);
	json_put_str(&w, "type", S("bundle"));
	json_put_str(&w, "id", fresh_id(ask->arena, "bundle", env));
	json_list(&w, "objects");
	if (extension.n)
		put_definition(&w, s, modified, extension);
	json_put_raw(&w, NULL, object);
	json_end_list(&w);
	json_end_object(&w);
}

/* What a bundle is made of. */
struct making {
	const struct gate_ask *ask;
	const struct share_asked *asked;
	const struct env *env;
	struct arena *arena;
	struct gate_object seen;
};

static enum err put_bundle(
    struct share *s, const struct making *m, const struct stix_object *o, struct fault *fault)
{
	char modified[TIME_TEXT + 1];
	struct buf extension, refs, object;
	struct label label;
	bool plain;
	enum err rc;

	buf_init(&extension, EXTENSION_MAX);
	buf_init(&refs, BUNDLE_MAX);
	buf_init(&object, BUNDLE_MAX);
	rc = label_change(&label, &m->seen.label, &m->asked->change, o->created_by_ref, &extension,
	    m->arena, fault);
	if (rc == OK) {
		plain = label_is_plain(&label);
		time_format_ms(modified, s->version);
		s->marking = plain ? tlp_marking_id(label.tlp)
		                   : fresh_id(m->ask->arena, "marking-definition", m->env);
		put_refs(&refs, m->ask, o, s->marking, m->arena);
		share_rewrite(&object, m->seen.bytes, modified, buf_str(&refs));
		put_objects(s, m->ask, m->env, modified, plain ? S("") : buf_str(&extension),
		    buf_str(&object));
		if (refs.failed != OK || object.failed != OK || s->bundle.failed != OK)
			rc = fail(fault, ERR_LIMIT, "the object is too large");
	}
	buf_free(&extension);
	buf_free(&refs);
	buf_free(&object);
	return rc;
}

/* What has no versions, and what has markings that the label does not hold. */
static enum err put_share(struct share *s, const struct making *m, struct fault *fault)
{
	struct stix_object o;

	TRY(stix_object_parse(&o, m->arena, m->seen.bytes, fault));
	if (o.modified == 0)
		return fail(fault, ERR_UNSUPPORTED,
		    "objects of this type have no versions; what refers to it can be shared");
	if (yyjson_obj_get(o.root, "granular_markings"))
		return fail(fault, ERR_UNSUPPORTED,
		    "parts of it have markings of their own, which stay with its maker");
	return put_bundle(s, m, &o, fault);
}

static enum err check(const struct gate_object *g, const struct share_asked *asked,
    struct str source, struct fault *fault)
{
	if (str_starts(source, S("peer:")))
		return fail(fault, ERR_DENIED,
		    "it came from %.*s: its originator says who may have it",
		    STR_ARG(str_from(source, 5)));
	if (g->revoked)
		return fail(fault, ERR_CONFLICT, "it is revoked");
	if (asked->version != GATE_NEWEST && asked->version != g->version)
		return fail(fault, ERR_CONFLICT,
		    "there is a newer version than the one you saw; look at that one first");
	return OK;
}

enum err share_prepare(struct share *out, const struct gate_ask *ask,
    const struct share_asked *asked, const struct env *env, struct fault *fault)
{
	struct making m = {.ask = ask, .asked = asked, .env = env};
	struct str source;
	usec now = env_now(env);
	enum err rc;

	buf_init(&out->bundle, BUNDLE_MAX);
	if (!label_change_any(&asked->change))
		return fail(fault, ERR_INVALID, "which part of the label is to change?");
	TRY(gate_get(ask, asked->id, GATE_NEWEST, &m.seen, fault));
	source = gate_source_name(ask, m.seen.source);
	TRY(check(&m.seen, asked, source, fault));
	out->source = str_starts(source, S("api:")) || str_starts(source, S("taxii:")) ||
	                      str_eq(source, S("local"))
	                  ? STR_NONE
	                  : source;
	/* In milliseconds, and after the version that is there. */
	out->version = (now > m.seen.version ? now : m.seen.version) / MILLISECOND * MILLISECOND;
	if (out->version <= m.seen.version)
		out->version += MILLISECOND;
	m.arena = arena_new(PARSED_MAX);
	rc = put_share(out, &m, fault);
	arena_free(m.arena);
	return rc;
}

/* ---- the operation ---- */

struct sharing {
	struct api_request *q;
	struct share share;
};

static void end(struct sharing *s, enum err rc, struct str message)
{
	struct api_request *q = s->q;

	buf_free(&s->share.bundle);
	request_audit(q, err_name(rc));
	if (rc == OK)
		request_reply(q, 200, "application/json", buf_str(&q->out));
	else
		request_fail(q, rc, message);
}

static void put_answer(struct sharing *s)
{
	struct json_writer w = json_writer(&s->q->out);

	json_object(&w, NULL);
	json_put_str(&w, "id", api_args_get(&s->q->args, "id")->text);
	json_put_time(&w, "version", s->share.version);
	json_put_str(&w, "marking", s->share.marking);
	json_end_object(&w);
}

/* The core's word on the last object of the bundle is the answer. */
static void done(void *ctx, enum err status, struct str reply)
{
	const struct json_limits limits = {.bytes = ANSWER_MAX, .depth = 16};
	struct sharing *s = ctx;
	yyjson_val *root, *refused;
	struct fault fault;
	enum err rc = status;

	request_close(s->q);
	if (rc == OK)
		rc = json_parse(&root, s->q->ask.arena, reply, &limits, &fault);
	if (rc != OK) {
		end(s, rc, status == OK ? str_c(fault.text) : reply);
		return;
	}
	refused = yyjson_arr_get_last(yyjson_obj_get(root, "failures"));
	if (refused) {
		end(s, ERR_DENIED, json_get_str(refused, "message"));
		return;
	}
	put_answer(s);
	end(s, OK, STR_NONE);
}

static enum err call_core(struct sharing *s, struct fault *fault)
{
	struct api_request *q = s->q;
	struct rpc_call call = {.op = S("import"), .by = q->reader.name};
	struct json_writer w = json_writer(&q->out);

	TRY(request_file(q, buf_str(&s->share.bundle), fault));
	json_object(&w, NULL);
	json_put_str(&w, "format", S("stix"));
	if (s->share.source.p)
		json_put_str(&w, "source", s->share.source);
	json_end_object(&w);
	call.args = arena_str(q->ask.arena, buf_str(&q->out));
	call.fd = q->fd;
	buf_reset(&q->out);
	if (!call.args.p)
		return fail(fault, ERR_NOMEM, "no memory to share");
	if (q->api->o.rpc->call(q->api->o.rpc->ctx, &call, done, s) != OK)
		return fail(fault, ERR_BUSY, "the node cannot take this now; try again");
	return OK;
}

void share_handle(struct api_request *q)
{
	const struct api_value *version = api_args_get(&q->args, "version");
	const struct share_asked asked = {.id = api_args_get(&q->args, "id")->text,
	    .version = version->given ? version->number : GATE_NEWEST,
	    .change = api_label_change(&q->args)};
	struct sharing *s = arena_zalloc(q->ask.arena, sizeof(*s));
	struct fault fault;
	enum err rc;

	if (!s) {
		request_fail(q, ERR_NOMEM, S("no memory to share"));
		return;
	}
	s->q = q;
	rc = share_prepare(&s->share, &q->ask, &asked, q->api->o.node.env, &fault);
	if (rc == OK)
		rc = call_core(s, &fault);
	if (rc != OK)
		end(s, rc, str_c(fault.text));
}
