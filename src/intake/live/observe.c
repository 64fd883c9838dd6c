/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/observe.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "stix/id.h"

enum { REFS_MAX = 32, MEMBERS_MAX = 64 << 10, NAMES_MAX = 32 };

/* Ids within an event. */
static const char *const LOCAL[OBSERVE_OBJECTS_MAX] = {"0", "1", "2", "3", "4", "5", "6", "7", "8",
    "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24",
    "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40",
    "41", "42", "43", "44", "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56",
    "57", "58", "59", "60", "61", "62", "63"};

/* An event being taken apart. */
struct look {
	struct observed *out;
	struct arena *arena;
	const struct match_event *event;
	enum observe_ids ids;
	unsigned types;
	yyjson_val *root;
	struct buf b; /* the members of one object */
	struct json_writer w;
	size_t empty; /* bytes before its first member beside its type */
};

/* Ids of objects. */
struct refs {
	struct str list[REFS_MAX];
	size_t count;
};

static void add_ref(struct refs *r, struct str id)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_eq(r->list[i], id))
			return;
	if (id.p && r->count < REFS_MAX)
		r->list[r->count++] = id;
}

static void put_refs(struct look *l, const char *key, const struct refs *r)
{
	if (r->count == 0)
		return;
	json_list(&l->w, key);
	for (size_t i = 0; i < r->count; i++)
		json_put_str(&l->w, NULL, r->list[i]);
	json_end_list(&l->w);
}

static void put_text(struct look *l, const char *key, struct str text)
{
	if (text.n > 0 && text.n <= OBSERVE_TEXT_MAX)
		json_put_str(&l->w, key, text);
}

static void put_member(struct look *l, const char *key, yyjson_val *object, const char *from)
{
	put_text(l, key, json_get_str(object, from));
}

/* Whole numbers that are not negative; STIX knows no others for these. */
static void put_number(struct look *l, const char *key, yyjson_val *object, const char *from)
{
	yyjson_val *v = yyjson_obj_get(object, from);

	if (yyjson_is_uint(v) && yyjson_get_uint(v) <= INT64_MAX >> 10)
		json_put_int(&l->w, key, (int64_t)yyjson_get_uint(v));
}

static void put_when(struct look *l, const char *key, yyjson_val *object, const char *from)
{
	struct str text = json_get_str(object, from);
	usec when;

	if (text.n && time_parse_any(&when, text) == OK && when > 0)
		json_put_time(&l->w, key, when);
}

static void begin(struct look *l, const char *type)
{
	buf_reset(&l->b);
	l->w = json_writer(&l->b);
	json_object(&l->w, NULL);
	json_put_str(&l->w, "type", str_c(type));
	l->empty = l->b.n + 1;
}

/* Equal objects are one. */
static struct str known(const struct observed *out, const struct observed_object *o)
{
	for (size_t i = 0; i < out->count; i++) {
		const struct observed_object *had = &out->list[i];

		if (o->id.p ? str_eq(had->id, o->id)
		            : str_eq(had->type, o->type) && str_eq(had->members, o->members))
			return had->id;
	}
	return STR_NONE;
}

static bool identify(struct look *l, struct observed_object *o, enum stix_type_id type)
{
	const struct json_limits limits = {.bytes = MEMBERS_MAX, .depth = 8};

	if (l->ids == OBSERVE_LOCAL) {
		o->id = str_c(LOCAL[l->out->count]);
		return true;
	}
	return json_parse(&o->json, l->arena, o->text, &limits, NULL) == OK &&
	       stix_sco_id(&o->id, l->arena, type, o->json, NULL) == OK;
}

/* The object whose members were written; the id of the one that is there when there is such a one.
 * STR_NONE when it cannot be told. */
static struct str end(struct look *l, enum stix_type_id type, const char *name)
{
	struct observed *out = l->out;
	struct observed_object o = {.type = str_c(name)};
	struct str had;

	json_end_object(&l->w);
	if (l->b.n <= l->empty && l->b.failed == OK)
		return STR_NONE;
	o.text = arena_str(l->arena, buf_str(&l->b));
	if (!o.text.p || l->b.failed != OK) {
		out->cut = true;
		return STR_NONE;
	}
	o.members = str_slice(o.text, l->empty, o.text.n - 1);
	had = known(out, &o);
	if (had.p)
		return had;
	if (out->count == OBSERVE_OBJECTS_MAX || !identify(l, &o, type)) {
		out->cut = true;
		return STR_NONE;
	}
	had = known(out, &o);
	if (!had.p)
		out->list[out->count++] = o;
	return o.id;
}

/* All objects that have not been read yet, at once. */
static enum err read_objects(struct look *l)
{
	const struct json_limits limits = {
	    .bytes = (size_t)OBSERVE_OBJECTS_MAX * MEMBERS_MAX, .depth = 9};
	struct observed *out = l->out;
	yyjson_val *list, *json;
	yyjson_arr_iter iter;
	struct buf all;
	enum err rc;

	if (l->ids == OBSERVE_DETERMINISTIC || out->count == 0)
		return OK;
	buf_init(&all, limits.bytes);
	for (size_t i = 0; i < out->count; i++) {
		buf_byte(&all, i ? ',' : '[');
		buf_put(&all, out->list[i].text);
	}
	buf_byte(&all, ']');
	rc = all.failed;
	if (rc == OK)
		rc = json_parse(&list, l->arena, buf_str(&all), &limits, NULL);
	buf_free(&all);
	TRY(rc);
	iter = yyjson_arr_iter_with(list);
	for (size_t i = 0; (json = yyjson_arr_iter_next(&iter)) != NULL; i++)
		out->list[i].json = json;
	return OK;
}

static struct str add_value(
    struct look *l, enum stix_type_id type, const char *name, const struct term *term)
{
	begin(l, name);
	put_text(l, "value", term_text(l->arena, term));
	return end(l, type, name);
}

static struct str add_term(struct look *l, const struct term *t)
{
	switch (t->kind) {
	case TERM_IPV4:
		return add_value(l, STIX_TYPE_IPV4_ADDR, "ipv4-addr", t);
	case TERM_IPV6:
		return add_value(l, STIX_TYPE_IPV6_ADDR, "ipv6-addr", t);
	case TERM_DOMAIN:
		return add_value(l, STIX_TYPE_DOMAIN_NAME, "domain-name", t);
	case TERM_URL:
		return add_value(l, STIX_TYPE_URL, "url", t);
	case TERM_EMAIL:
		return add_value(l, STIX_TYPE_EMAIL_ADDR, "email-addr", t);
	default:
		return STR_NONE;
	}
}

static bool address_of(struct look *l, struct term *out, struct str text)
{
	return text.n && text.n < 64 &&
	       (term_canonical(out, l->arena, TERM_IPV4, text) == OK ||
	           term_canonical(out, l->arena, TERM_IPV6, text) == OK);
}

static struct str add_address(struct look *l, struct str text)
{
	struct term t;

	return address_of(l, &t, text) ? add_term(l, &t) : STR_NONE;
}

/* Those of the values that the index would be asked for. */
static void refs_of(struct look *l, struct refs *out, enum eve_field one, enum eve_field other)
{
	for (size_t i = 0; i < l->event->count; i++) {
		const struct match_value *v = &l->event->values[i];

		if (v->field == one || v->field == other)
			add_ref(out, add_term(l, &v->term));
	}
}

/* ---- names ---- */

static yyjson_val *either(yyjson_val *object, const char *one, const char *other)
{
	yyjson_val *v = yyjson_obj_get(object, one);

	return v ? v : yyjson_obj_get(object, other);
}

/* The name asked for, wherever the version at hand has it. */
static struct str question_of(yyjson_val *dns)
{
	yyjson_val *asked = either(dns, "queries", "query");
	struct str name = json_get_str(dns, "rrname");

	return name.n ? name : json_get_str(yyjson_arr_get_first(asked), "rrname");
}

static struct str add_name(struct look *l, const struct term *name, const struct refs *to)
{
	begin(l, "domain-name");
	put_text(l, "value", term_text(l->arena, name));
	put_refs(l, "resolves_to_refs", to);
	return end(l, STIX_TYPE_DOMAIN_NAME, "domain-name");
}

static bool gives_address(yyjson_val *answer)
{
	struct str type = json_get_str(answer, "rrtype");

	return str_eq(type, S("A")) || str_eq(type, S("AAAA"));
}

/* What answers that are about `name` give, or, with NULL, all of them. Names among these come
 * first, with what is known of them. */
static void answers_to(
    struct look *l, struct refs *out, yyjson_val *answers, const struct str *name)
{
	yyjson_arr_iter iter = yyjson_arr_iter_with(answers);
	yyjson_val *a;

	for (size_t i = 0; i < NAMES_MAX && (a = yyjson_arr_iter_next(&iter)) != NULL; i++)
		if (gives_address(a) && (!name || str_eq_nocase(json_get_str(a, "rrname"), *name)))
			add_ref(out, add_address(l, json_get_str(a, "rdata")));
}

static void answered_names(struct look *l, struct refs *out, yyjson_val *answers)
{
	yyjson_arr_iter iter = yyjson_arr_iter_with(answers);
	yyjson_val *a;

	for (size_t i = 0; i < NAMES_MAX && (a = yyjson_arr_iter_next(&iter)) != NULL; i++) {
		struct str name = json_get_str(a, "rdata");
		struct refs to = {0};
		struct term t;

		if (!str_eq(json_get_str(a, "rrtype"), S("CNAME")) ||
		    term_canonical(&t, l->arena, TERM_DOMAIN, name) != OK)
			continue;
		answers_to(l, &to, answers, &name);
		add_ref(out, add_name(l, &t, &to));
	}
}

static void grouped_addresses(struct look *l, struct refs *out, yyjson_val *grouped)
{
	static const char *const KINDS[] = {"A", "AAAA"};

	for (size_t k = 0; k < sizeof(KINDS) / sizeof(KINDS[0]); k++) {
		yyjson_arr_iter iter = yyjson_arr_iter_with(yyjson_obj_get(grouped, KINDS[k]));
		yyjson_val *a;

		for (size_t i = 0; i < NAMES_MAX && (a = yyjson_arr_iter_next(&iter)) != NULL; i++)
			add_ref(out, add_address(l, json_str(a)));
	}
}

/* Answers that are there one by one say more than those grouped by type. */
static void observe_answers(struct look *l, struct refs *to, yyjson_val *dns)
{
	yyjson_val *answers = yyjson_obj_get(dns, "answers");
	yyjson_val *grouped = yyjson_obj_get(dns, "grouped");

	if (!grouped && !answers)
		answers = yyjson_obj_get(dns, "answer");
	if (yyjson_arr_size(answers)) {
		answered_names(l, to, answers);
		answers_to(l, to, answers, NULL);
	} else if (grouped) {
		grouped_addresses(l, to, grouped);
	} else {
		add_ref(to, add_address(l, json_get_str(dns, "rdata")));
	}
}

static void observe_dns(struct look *l, yyjson_val *dns)
{
	struct refs to = {0};
	struct term name;

	if (term_canonical(&name, l->arena, TERM_DOMAIN, question_of(dns)) != OK)
		return;
	observe_answers(l, &to, dns);
	(void)add_name(l, &name, &to);
}

static void observe_name(struct look *l, struct str text)
{
	struct term t;

	if (text.n == 0 || address_of(l, &t, text))
		return;
	if (term_canonical(&t, l->arena, TERM_DOMAIN, text) == OK)
		(void)add_term(l, &t);
}

/* ---- files, certificates, mail ---- */

static void put_hash(struct look *l, const char *key, enum term_kind kind, struct str text)
{
	struct term t;

	if (text.n && term_canonical(&t, l->arena, kind, text) == OK)
		put_text(l, key, term_text(l->arena, &t));
}

struct str observe_file_name(struct str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	return str_from(path, at);
}

/* The file's digests, as far as they are ones. */
static void put_hashes(
    struct look *l, const struct term *hashes, const char *const *names, size_t n)
{
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		if (hashes[i].value.n == 0)
			continue;
		if (!open)
			json_object(&l->w, "hashes");
		open = true;
		put_text(l, names[i], term_text(l->arena, &hashes[i]));
	}
	if (open)
		json_end_object(&l->w);
}

static void observe_file(struct look *l, yyjson_val *file)
{
	static const char *const KEYS[] = {"md5", "sha1", "sha256"};
	static const char *const NAMES[] = {"MD5", "SHA-1", "SHA-256"};
	static const enum term_kind KINDS[] = {TERM_MD5, TERM_SHA1, TERM_SHA256};
	enum { HASHES = 3 };

	struct str name = observe_file_name(json_get_str(file, "filename"));
	struct term hashes[HASHES] = {0};
	bool any = name.n > 0 && name.n <= OBSERVE_TEXT_MAX;

	for (size_t i = 0; i < HASHES; i++) {
		struct str text = json_get_str(file, KEYS[i]);

		if (text.n && term_canonical(&hashes[i], l->arena, KINDS[i], text) == OK)
			any = true;
		else
			hashes[i].value = STR_NONE;
	}
	if (!any)
		return;
	begin(l, "file");
	put_text(l, "name", name);
	put_number(l, "size", file, "size");
	put_hashes(l, hashes, NAMES, HASHES);
	(void)end(l, STIX_TYPE_FILE, "file");
}

static void observe_files(struct look *l)
{
	yyjson_arr_iter iter = yyjson_arr_iter_with(yyjson_obj_get(l->root, "files"));
	yyjson_val *file = yyjson_obj_get(l->root, "fileinfo");

	if (yyjson_is_obj(file))
		observe_file(l, file);
	while ((file = yyjson_arr_iter_next(&iter)) != NULL)
		observe_file(l, file);
}

static void observe_certificate(struct look *l, yyjson_val *tls)
{
	struct str print = json_get_str(tls, "fingerprint");
	struct term t;

	if (print.n == 0 || term_canonical(&t, l->arena, TERM_CERT_SHA1, print) != OK)
		return;
	begin(l, "x509-certificate");
	json_object(&l->w, "hashes");
	put_text(l, "SHA-1", term_text(l->arena, &t));
	json_end_object(&l->w);
	put_member(l, "serial_number", tls, "serial");
	put_member(l, "issuer", tls, "issuerdn");
	put_member(l, "subject", tls, "subject");
	put_when(l, "validity_not_before", tls, "notbefore");
	put_when(l, "validity_not_after", tls, "notafter");
	(void)end(l, STIX_TYPE_X509_CERTIFICATE, "x509-certificate");
}

static void observe_mail(struct look *l)
{
	struct refs from = {0}, to = {0}, cc = {0};
	struct str subject = json_get_str(yyjson_obj_get(l->root, "email"), "subject");

	refs_of(l, &from, EVE_EMAIL_FROM, EVE_SMTP_FROM);
	refs_of(l, &to, EVE_EMAIL_TO, EVE_SMTP_TO);
	refs_of(l, &cc, EVE_EMAIL_CC, EVE_EMAIL_CC);
	if (from.count == 0 && subject.n == 0)
		return;
	begin(l, "email-message");
	json_put_bool(&l->w, "is_multipart", false);
	if (from.count)
		json_put_str(&l->w, "from_ref", from.list[0]);
	put_refs(l, "to_refs", &to);
	put_refs(l, "cc_refs", &cc);
	put_text(l, "subject", subject);
	(void)end(l, STIX_TYPE_EMAIL_MESSAGE, "email-message");
}

/* ---- traffic ---- */

static struct str lower(struct arena *arena, struct str text)
{
	char *p = text.n <= 32 ? arena_alloc(arena, text.n + 1) : NULL;

	if (!p)
		return STR_NONE;
	for (size_t i = 0; i < text.n; i++)
		p[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 0x20) : text.p[i];
	return (struct str){p, text.n};
}

static void put_protocols(struct look *l, struct str address)
{
	struct str app = json_get_str(l->root, "app_proto");
	struct str type = json_get_str(l->root, "event_type");
	struct str proto = lower(l->arena, json_get_str(l->root, "proto"));

	json_list(&l->w, "protocols");
	json_put_str(&l->w, NULL, str_starts(address, S("ipv6")) ? S("ipv6") : S("ipv4"));
	if (proto.n)
		json_put_str(&l->w, NULL, proto);
	if (app.n && !str_eq(app, S("failed")) && !str_eq(app, S("unknown")))
		put_text(l, NULL, app);
	else if (type.n && yyjson_is_obj(yyjson_obj_getn(l->root, type.p, type.n)) &&
	         !str_eq(type, S("alert")) && !str_eq(type, S("flow")) &&
	         !str_eq(type, S("fileinfo")) && !str_eq(type, S("anomaly")))
		put_text(l, NULL, type);
	json_end_list(&l->w);
}

static void put_request(struct look *l, yyjson_val *http)
{
	struct str url = json_get_str(http, "url");
	struct str method = lower(l->arena, json_get_str(http, "http_method"));

	if (url.n == 0 || url.n > OBSERVE_TEXT_MAX || method.n == 0)
		return;
	json_object(&l->w, "extensions");
	json_object(&l->w, "http-request-ext");
	json_put_str(&l->w, "request_method", method);
	json_put_str(&l->w, "request_value", url);
	put_member(l, "request_version", http, "protocol");
	if (json_get_str(http, "http_user_agent").n || json_get_str(http, "hostname").n) {
		json_object(&l->w, "request_header");
		put_member(l, "Host", http, "hostname");
		put_member(l, "User-Agent", http, "http_user_agent");
		put_member(l, "Referer", http, "http_refer");
		json_end_object(&l->w);
	}
	json_end_object(&l->w);
	json_end_object(&l->w);
}

static void put_hello(struct look *l, yyjson_val *tls)
{
	put_hash(l, "x_ja3", TERM_JA3, json_get_str(yyjson_obj_get(tls, "ja3"), "hash"));
	put_hash(l, "x_ja3s", TERM_JA3S, json_get_str(yyjson_obj_get(tls, "ja3s"), "hash"));
	put_hash(l, "x_ja4", TERM_JA4, json_get_str(tls, "ja4"));
}

static void observe_traffic(struct look *l)
{
	struct str from = add_address(l, json_get_str(l->root, "src_ip"));
	struct str to = add_address(l, json_get_str(l->root, "dest_ip"));
	yyjson_val *flow = yyjson_obj_get(l->root, "flow");
	yyjson_val *tls = either(l->root, "tls", "quic");

	if ((!from.p && !to.p) || !(l->types & OBSERVE_TRAFFIC))
		return;
	begin(l, "network-traffic");
	if (yyjson_get_uint(yyjson_obj_get(flow, "bytes_toserver")) && yyjson_is_obj(flow)) {
		put_when(l, "start", flow, "start");
		put_when(l, "end", flow, "end");
	}
	if (from.p)
		json_put_str(&l->w, "src_ref", from);
	if (to.p)
		json_put_str(&l->w, "dst_ref", to);
	put_number(l, "src_port", l->root, "src_port");
	put_number(l, "dst_port", l->root, "dest_port");
	put_protocols(l, from.p ? from : to);
	put_number(l, "src_byte_count", flow, "bytes_toserver");
	put_number(l, "dst_byte_count", flow, "bytes_toclient");
	put_number(l, "src_packets", flow, "pkts_toserver");
	put_number(l, "dst_packets", flow, "pkts_toclient");
	put_hello(l, tls);
	put_request(l, yyjson_obj_get(l->root, "http"));
	(void)end(l, STIX_TYPE_NETWORK_TRAFFIC, "network-traffic");
}

static void observe_all(struct look *l)
{
	yyjson_val *dns = yyjson_obj_get(l->root, "dns"), *tls = yyjson_obj_get(l->root, "tls");
	yyjson_val *http = yyjson_obj_get(l->root, "http");
	const unsigned types = l->types;
	struct refs urls = {0};

	if (types & (OBSERVE_TRAFFIC | OBSERVE_ADDRESS))
		observe_traffic(l);
	if (yyjson_is_obj(dns) && (types & (OBSERVE_DOMAIN | OBSERVE_ADDRESS)))
		observe_dns(l, dns);
	if (types & OBSERVE_DOMAIN) {
		observe_name(l, json_get_str(tls, "sni"));
		observe_name(l, json_get_str(yyjson_obj_get(l->root, "quic"), "sni"));
		observe_name(l, json_get_str(http, "hostname"));
	}
	if (types & OBSERVE_URL)
		refs_of(l, &urls, EVE_HTTP_URL, EVE_HTTP_URL);
	if (types & OBSERVE_CERTIFICATE)
		observe_certificate(l, tls);
	if (types & (OBSERVE_MESSAGE | OBSERVE_EMAIL))
		observe_mail(l);
	if (types & OBSERVE_FILE)
		observe_files(l);
}

bool observe_takes(enum eve_field field)
{
	return field == EVE_HTTP_URL || eve_field_kind(field) == TERM_EMAIL;
}

enum err observe(struct observed *out, struct arena *arena, const struct match_event *event,
    enum observe_ids ids, unsigned types)
{
	const struct json_limits limits = {.bytes = EVE_LINE_MAX, .depth = EVE_DEPTH_MAX + 1};
	struct look l = {.out = out, .arena = arena, .event = event, .ids = ids, .types = types};

	out->count = 0;
	out->cut = false;
	TRY(json_parse(&l.root, arena, event->line, &limits, NULL));
	buf_init(&l.b, MEMBERS_MAX);
	observe_all(&l);
	buf_free(&l.b);
	return read_objects(&l);
}

static int by_id(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct pattern_thing *)a)->id, ((const struct pattern_thing *)b)->id);
}

enum err observed_at(
    struct pattern_observation *out, struct arena *arena, const struct observed *o, usec when)
{
	struct pattern_thing *list = arena_array(arena, o->count + 1, sizeof(*list));

	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < o->count; i++)
		list[i] = (struct pattern_thing){o->list[i].id, o->list[i].type, o->list[i].json};
	if (o->count)
		qsort(list, o->count, sizeof(*list), by_id);
	*out = (struct pattern_observation){
	    .id = STR_NONE, .first = when, .last = when, .number = 1, .things = {list, o->count}};
	return OK;
}

void observed_put(struct buf *out, const struct observed_object *o)
{
	buf_printf(out, "{\"type\":\"%.*s\",\"spec_version\":\"2.1\",\"id\":\"%.*s\",%.*s}",
	    STR_ARG(o->type), STR_ARG(o->id), STR_ARG(o->members));
}
