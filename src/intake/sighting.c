/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/sighting.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "crypt/digest.h"
#include "stix/object.h"

/* Namespace of deterministic ids of observables: STIX 2.1 section 2.9. */
static const struct uuid OBSERVABLES = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01,
    0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};

enum { JSON_MAX = 64 << 10 };

/* How a value is written as an observable: its type, the member that holds it, and the name of its
 * digest, or what is put in front of it. STIX has no observable that is a user agent or the
 * fingerprint of a TLS hello alone; either tells which software was at work. */
static const struct {
	const char *type, *member, *hash, *prefix;
} OBSERVABLE[TERM_KINDS] = {
    [TERM_IPV4] = {"ipv4-addr", "value", NULL, ""},
    [TERM_IPV6] = {"ipv6-addr", "value", NULL, ""},
    [TERM_DOMAIN] = {"domain-name", "value", NULL, ""},
    [TERM_URL] = {"url", "value", NULL, ""},
    [TERM_EMAIL] = {"email-addr", "value", NULL, ""},
    [TERM_MD5] = {"file", NULL, "MD5", ""},
    [TERM_SHA1] = {"file", NULL, "SHA-1", ""},
    [TERM_SHA256] = {"file", NULL, "SHA-256", ""},
    [TERM_SHA512] = {"file", NULL, "SHA-512", ""},
    [TERM_CERT_MD5] = {"x509-certificate", NULL, "MD5", ""},
    [TERM_CERT_SHA1] = {"x509-certificate", NULL, "SHA-1", ""},
    [TERM_CERT_SHA256] = {"x509-certificate", NULL, "SHA-256", ""},
    [TERM_JA3] = {"software", "name", NULL, "JA3 "},
    [TERM_JA3S] = {"software", "name", NULL, "JA3S "},
    [TERM_JA4] = {"software", "name", NULL, "JA4 "},
    [TERM_USER_AGENT] = {"software", "name", NULL, ""},
};

struct uuid sighting_key(const struct uuid *space, const struct sighting_of *of, struct arena *a)
{
	long long window = (long long)(of->when / SIGHTING_WINDOW);

	if (!of->value)
		return uuid_v5(
		    space, arena_printf(a, "sighting %.*s pattern %.*s %lld %u",
		               STR_ARG(of->indicator), STR_ARG(of->source), window, of->part));
	return uuid_v5(
	    space, arena_printf(a, "sighting %.*s %s %.*s %.*s %lld %u", STR_ARG(of->indicator),
	               term_kind_name(of->value->kind), STR_ARG(term_text(a, of->value)),
	               STR_ARG(of->source), window, of->part));
}

/* The members that identify the observable; as an object of their own they are its name. */
static void put_identifying(struct json_writer *w, const struct term *value, struct str text)
{
	const char *hash = OBSERVABLE[value->kind].hash;

	if (!hash) {
		json_put_str(w, OBSERVABLE[value->kind].member, text);
		return;
	}
	json_object(w, "hashes");
	json_put_str(w, hash, text);
	json_end_object(w);
}

static struct str observable_text(const struct term *value, struct arena *a)
{
	const char *prefix = OBSERVABLE[value->kind].prefix;
	struct str text = term_text(a, value);

	return text.p && *prefix ? arena_printf(a, "%s%.*s", prefix, STR_ARG(text)) : text;
}

static void put_marking(struct json_writer *w, enum tlp tlp)
{
	/* What cannot be read is treated as the strictest there is a marking for. */
	struct str id = tlp_marking_id(tlp == TLP_UNKNOWN ? TLP_RED : tlp);

	if (!id.p)
		return;
	json_list(w, "object_marking_refs");
	json_put_str(w, NULL, id);
	json_end_list(w);
}

enum err sighting_observable(struct buf *out, char id[SIGHTING_ID_MAX], const struct term *value,
    enum tlp tlp, struct arena *a)
{
	const char *type = OBSERVABLE[value->kind].type;
	struct str text = observable_text(value, a);
	struct json_writer w = json_writer(out);
	char uuid[UUID_TEXT + 1];
	struct uuid name;
	struct buf b;
	struct json_writer n = json_writer(&b);

	if (!text.p)
		return ERR_NOMEM;
	buf_init(&b, JSON_MAX);
	json_object(&n, NULL);
	put_identifying(&n, value, text);
	json_end_object(&n);
	if (b.failed != OK) {
		enum err rc = b.failed;

		buf_free(&b);
		return rc;
	}
	name = uuid_v5(&OBSERVABLES, buf_str(&b));
	buf_free(&b);
	uuid_format(uuid, &name);
	(void)snprintf(id, SIGHTING_ID_MAX, "%s--%s", type, uuid);
	json_object(&w, NULL);
	json_put_str(&w, "type", str_c(type));
	json_put_str(&w, "spec_version", S("2.1"));
	json_put_str(&w, "id", str_c(id));
	put_identifying(&w, value, text);
	put_marking(&w, tlp);
	json_end_object(&w);
	return out->failed;
}

void sighting_ids(
    char observed[SIGHTING_ID_MAX], char sighting[SIGHTING_ID_MAX], const struct uuid *key)
{
	char uuid[UUID_TEXT + 1];

	uuid_format(uuid, key);
	(void)snprintf(observed, SIGHTING_ID_MAX, "observed-data--%s", uuid);
	(void)snprintf(sighting, SIGHTING_ID_MAX, "sighting--%s", uuid);
}

static int64_t count_of(const struct sighting *s)
{
	return s->count > SIGHTING_COUNT_MAX ? SIGHTING_COUNT_MAX : (int64_t)s->count;
}

/* How the two kinds of object name the same things. */
struct spelling {
	const char *type, *first, *last, *count;
};

static void put_head(struct json_writer *w, const struct spelling *as, const char *id,
    const struct sighting *s, struct str identity)
{
	json_object(w, NULL);
	json_put_str(w, "type", str_c(as->type));
	json_put_str(w, "spec_version", S("2.1"));
	json_put_str(w, "id", str_c(id));
	if (identity.p)
		json_put_str(w, "created_by_ref", identity);
	json_put_time(w, "created", s->created);
	json_put_time(w, "modified", s->modified);
	json_put_time(w, as->first, s->first);
	json_put_time(w, as->last, s->last);
	json_put_int(w, as->count, count_of(s));
}

static void put_ref_list(struct json_writer *w, const char *key, struct str id)
{
	json_list(w, key);
	json_put_str(w, NULL, id);
	json_end_list(w);
}

void sighting_observed_data(struct buf *out, const struct sighting *s, struct str identity)
{
	static const struct spelling AS = {
	    "observed-data", "first_observed", "last_observed", "number_observed"};
	char observed[SIGHTING_ID_MAX], sighting[SIGHTING_ID_MAX];
	struct json_writer w = json_writer(out);

	sighting_ids(observed, sighting, &s->key);
	put_head(&w, &AS, observed, s, identity);
	put_ref_list(&w, "object_refs", str_c(s->observable));
	put_marking(&w, s->tlp);
	json_end_object(&w);
}

struct str sighting_witness(
    char out[SIGHTING_ID_MAX], const struct uuid *key, uint32_t i, struct arena *a)
{
	struct uuid id = uuid_v5(key, arena_printf(a, "witness %u", i));
	char uuid[UUID_TEXT + 1];

	uuid_format(uuid, &id);
	(void)snprintf(out, SIGHTING_ID_MAX, "observed-data--%s", uuid);
	return str_c(out);
}

void sighting_witness_data(struct buf *out, const struct sighting *s, struct str id,
    struct str identity, usec when, const struct str *refs, size_t count)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "type", S("observed-data"));
	json_put_str(&w, "spec_version", S("2.1"));
	json_put_str(&w, "id", id);
	if (identity.p)
		json_put_str(&w, "created_by_ref", identity);
	json_put_time(&w, "created", s->created);
	json_put_time(&w, "modified", s->created);
	json_put_time(&w, "first_observed", when);
	json_put_time(&w, "last_observed", when);
	json_put_int(&w, "number_observed", 1);
	json_list(&w, "object_refs");
	for (size_t i = 0; i < count; i++)
		json_put_str(&w, NULL, refs[i]);
	json_end_list(&w);
	put_marking(&w, s->tlp);
	json_end_object(&w);
}

static void put_witnesses(struct json_writer *w, const struct sighting *s)
{
	struct arena *a = arena_new(JSON_MAX);
	char id[SIGHTING_ID_MAX];

	json_list(w, "observed_data_refs");
	for (uint32_t i = 0; i < s->witnesses; i++)
		json_put_str(w, NULL, sighting_witness(id, &s->key, i, a));
	json_end_list(w);
	arena_free(a);
}

void sighting_object(struct buf *out, const struct sighting *s, struct str identity)
{
	static const struct spelling AS = {"sighting", "first_seen", "last_seen", "count"};
	char observed[SIGHTING_ID_MAX], sighting[SIGHTING_ID_MAX];
	struct json_writer w = json_writer(out);

	sighting_ids(observed, sighting, &s->key);
	put_head(&w, &AS, sighting, s, identity);
	if (s->description.p)
		json_put_str(&w, "description", s->description);
	json_put_str(&w, "sighting_of_ref", str_c(s->indicator));
	if (s->witnesses)
		put_witnesses(&w, s);
	else
		put_ref_list(&w, "observed_data_refs", str_c(observed));
	if (identity.p)
		put_ref_list(&w, "where_sighted_refs", identity);
	put_marking(&w, s->tlp);
	json_end_object(&w);
}

static bool copy_id(char out[SIGHTING_ID_MAX], struct str id)
{
	if (id.n == 0 || id.n >= SIGHTING_ID_MAX)
		return false;
	memcpy(out, id.p, id.n);
	out[id.n] = '\0';
	return true;
}

static bool read_observable(struct sighting *out, struct str observed, struct arena *a)
{
	struct stix_object o;

	return stix_object_parse(&o, a, observed, NULL) == OK &&
	       copy_id(out->observable,
	           json_str(yyjson_arr_get_first(yyjson_obj_get(o.root, "object_refs"))));
}

enum err sighting_read(
    struct sighting *out, struct str sighting, struct str observed, struct arena *a)
{
	struct stix_object s;
	struct sighting got = {.tlp = TLP_NONE};
	struct str type;

	TRY(stix_object_parse(&s, a, sighting, NULL));
	got.tlp = stix_object_tlp(&s);
	got.count = yyjson_get_uint(yyjson_obj_get(s.root, "count"));
	got.created = s.created;
	got.modified = s.modified;
	if (!observed.p)
		got.witnesses =
		    (uint32_t)yyjson_arr_size(yyjson_obj_get(s.root, "observed_data_refs"));
	if ((observed.p ? !read_observable(&got, observed, a) : got.witnesses == 0) ||
	    !stix_id_split(&type, &got.key, s.id) ||
	    !copy_id(got.indicator, json_get_str(s.root, "sighting_of_ref")) ||
	    time_parse_utc(&got.first, json_get_str(s.root, "first_seen")) != OK ||
	    time_parse_utc(&got.last, json_get_str(s.root, "last_seen")) != OK)
		return ERR_INVALID;
	*out = got;
	return OK;
}
