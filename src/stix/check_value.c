/* SPDX-License-Identifier: Apache-2.0 */
/* One value against the kind of its property: STIX 2.1 section 2. */
#include "base/base64.h"
#include "codec/json.h"
#include "codec/time.h"
#include "stix/check_context.h"

typedef void (*value_fn)(struct check *c, const struct property *p, yyjson_val *value);

enum { SHOWN = 80 };

/* What is shown of a value in a message. */
static int shown(struct str s)
{
	return (int)(s.n > SHOWN ? SHOWN : s.n);
}

static void wrong_type(struct check *c, yyjson_val *value, const char *wanted)
{
	static const struct rule TYPE = {STIX_MUST, "value-type", "2"};

	check_report(
	    c, &TYPE, value, NULL, "must be %s, is %s", wanted, yyjson_get_type_desc(value));
}

static bool string(struct check *c, yyjson_val *value, struct str *out)
{
	*out = json_str(value);
	if (out->p)
		return true;
	wrong_type(c, value, "a string");
	return false;
}

static void check_any(struct check *c, const struct property *p, yyjson_val *value)
{
	(void)c;
	(void)p;
	(void)value;
}

static void check_string(struct check *c, const struct property *p, yyjson_val *value)
{
	struct str s;

	(void)p;
	(void)string(c, value, &s);
}

static void check_bool(struct check *c, const struct property *p, yyjson_val *value)
{
	(void)p;
	if (!yyjson_is_bool(value))
		wrong_type(c, value, "true or false");
}

static void check_range(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule RANGE = {STIX_MUST, "range", NULL};
	double v = yyjson_get_num(value);

	if (p->high > p->low && (v < (double)p->low || v > (double)p->high))
		check_report(c, &RANGE, value, NULL, "must be between %lld and %lld",
		    (long long)p->low, (long long)p->high);
}

static void check_int(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule SIZE = {STIX_MUST, "integer-size", "2.10"};
	double v = yyjson_get_num(value);

	/* JSON has one kind of number: 5.0 is an integer. */
	if (yyjson_is_raw(value)) {
		check_report(c, &SIZE, value, NULL, "an integer has at most 54 bits");
		return;
	}
	if (!yyjson_is_int(value) && !(yyjson_is_real(value) && v == (double)(int64_t)v)) {
		wrong_type(c, value, "an integer");
		return;
	}
	if (v > 9007199254740991.0 || v < -9007199254740991.0) {
		check_report(c, &SIZE, value, NULL, "an integer has at most 54 bits");
		return;
	}
	check_range(c, p, value);
}

static void check_float(struct check *c, const struct property *p, yyjson_val *value)
{
	if (!yyjson_is_num(value))
		wrong_type(c, value, "a number");
	else
		check_range(c, p, value);
}

static void check_time(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule FORM = {STIX_MUST, "timestamp", "2.15"};
	static const struct rule MILLIS = {STIX_MUST, "timestamp-precision", "3.2"};
	struct str s;
	usec ignored;

	if (!string(c, value, &s))
		return;
	if (time_parse_utc(&ignored, s) != OK) {
		check_report(c, &FORM, value, NULL,
		    "'%.*s' is not a timestamp of the form 2016-04-06T20:03:48.000Z", shown(s),
		    s.p);
		return;
	}
	if ((p->flags & FLAG_MILLIS) && s.n < sizeof("2016-04-06T20:03:48.000Z") - 1)
		check_report(c, &MILLIS, value, NULL, "must be precise to the millisecond");
}

static void check_spec(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule SPEC = {STIX_MUST, "spec-version", "3.2"};
	struct str s = json_str(value);

	(void)p;
	if (!str_eq(s, c->v21 ? S("2.1") : S("2.0")))
		check_report(c, &SPEC, value, NULL, "must be \"%s\"", c->v21 ? "2.1" : "2.0");
}

/* RFC 4122's variant, and a version it or its successor defines. */
static bool uuid_well_formed(const struct uuid *u)
{
	return (u->b[8] & 0xc0) == 0x80 && uuid_version(u) >= 1 && uuid_version(u) <= 8;
}

static bool identifier(struct check *c, yyjson_val *value, struct str *type)
{
	static const struct rule FORM = {STIX_MUST, "id-form", "2.9"};
	struct uuid uuid;
	struct str s;

	if (!string(c, value, &s))
		return false;
	if (stix_id_split(type, &uuid, s) && form_type_name(*type) && uuid_well_formed(&uuid))
		return true;
	check_report(c, &FORM, value, NULL, "'%.*s' is not an identifier of the form type--UUID",
	    shown(s), s.p);
	return false;
}

static void check_id(struct check *c, const struct property *p, yyjson_val *value)
{
	struct str type;

	(void)p;
	(void)identifier(c, value, &type);
}

static void check_target(
    struct check *c, const struct property *p, yyjson_val *value, struct str type)
{
	static const struct rule TARGET_TYPE = {STIX_MUST, "reference-type", NULL};

	if (p->targets >> stix_type_of(type) & 1)
		return;
	check_report(c, &TARGET_TYPE, value, NULL, "may not refer to an object of the type %.*s",
	    shown(type), type.p);
}

/* STIX 2.0: the key of another observable of the same observed-data. */
static void check_key_ref(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule RESOLVE = {STIX_MUST, "reference", NULL};
	struct str s;
	yyjson_val *target;

	if (!string(c, value, &s))
		return;
	target = yyjson_obj_getn(c->observables, s.p, s.n);
	if (!target)
		check_report(c, &RESOLVE, value, NULL, "there is no object '%.*s'", shown(s), s.p);
	else if (json_get_str(target, "type").p)
		check_target(c, p, value, json_get_str(target, "type"));
}

static void check_ref(struct check *c, const struct property *p, yyjson_val *value)
{
	struct str type;

	if (c->observables)
		check_key_ref(c, p, value);
	else if (identifier(c, value, &type))
		check_target(c, p, value, type);
}

static bool hex(struct str s)
{
	const struct str digits = S("0123456789abcdefABCDEF");

	for (size_t i = 0; i < s.n; i++)
		if (str_find(digits, s.p[i]) == digits.n)
			return false;
	return true;
}

static void check_hex(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule HEX = {STIX_MUST, "hex", "2.8"};
	struct str s;

	(void)p;
	if (string(c, value, &s) && (s.n % 2 || !hex(s)))
		check_report(c, &HEX, value, NULL, "must be an even number of hexadecimal digits");
}

static void check_base64(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule BASE64 = {STIX_MUST, "base64", "2.1"};
	struct str s, bytes;
	enum err rc;

	(void)p;
	if (!string(c, value, &s))
		return;
	rc = base64_decode(&bytes, c->arena, s);
	if (rc == ERR_NOMEM)
		c->failed = rc;
	else if (rc != OK)
		check_report(c, &BASE64, value, NULL, "must be base64 (RFC 4648)");
}

static void check_uri(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule URI = {STIX_MUST, "uri", NULL};
	struct str s;

	(void)p;
	if (string(c, value, &s) && !form_uri(s))
		check_report(c, &URI, value, NULL, "'%.*s' is not a URI (RFC 3986)", shown(s), s.p);
}

static void check_link(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule URI = {STIX_MUST, "uri", "2.5"};
	static const struct rule ODD = {STIX_SHOULD, "uri-characters", "2.5"};
	struct str s;

	(void)p;
	if (!string(c, value, &s))
		return;
	if (!form_link(s))
		check_report(c, &URI, value, NULL, "'%.*s' is not a URI (RFC 3986)", shown(s), s.p);
	else if (!form_uri(s))
		check_report(c, &ODD, value, NULL, "has characters that a URI may not have");
}

static void check_lang(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule LANG = {STIX_MUST, "language", "3.2"};
	struct str s;

	(void)p;
	if (string(c, value, &s) && !form_language(s))
		check_report(c, &LANG, value, NULL, "'%.*s' is not a language tag (RFC 5646)",
		    shown(s), s.p);
}

static void check_mime(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule MIME = {STIX_MUST, "mime-type", NULL};
	struct str s;

	(void)p;
	if (string(c, value, &s) && !form_mime(s))
		check_report(
		    c, &MIME, value, NULL, "'%.*s' is not a registered media type", shown(s), s.p);
}

static void check_charset(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule CHARSET = {STIX_MUST, "character-set", NULL};
	struct str s;

	(void)p;
	if (string(c, value, &s) && !form_charset(s))
		check_report(c, &CHARSET, value, NULL, "'%.*s' is not a registered character set",
		    shown(s), s.p);
}

static void check_type_value(struct check *c, const struct property *p, yyjson_val *value)
{
	struct str s;

	(void)p;
	/* The object's own was read already; an embedded one's name is looked at there. */
	(void)string(c, value, &s);
}

static void check_enum(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule ENUM = {STIX_MUST, "enum", "10"};
	struct str s;

	if (string(c, value, &s) && !words_have(p->words, s))
		check_report(c, &ENUM, value, NULL, "'%.*s' is not one of the allowed values",
		    shown(s), s.p);
}

static void check_open(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule OPEN = {STIX_SHOULD, "open-vocabulary", "10"};
	struct str s;

	if (string(c, value, &s) && !words_have(p->words, s))
		check_report(
		    c, &OPEN, value, NULL, "'%.*s' is not in the vocabulary", shown(s), s.p);
}

static void check_slug(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule SLUG = {STIX_SHOULD, "kill-chain-form", "2.11"};
	struct str s;

	(void)p;
	if (!string(c, value, &s))
		return;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '_' || (s.p[i] >= 'A' && s.p[i] <= 'Z')) {
			check_report(c, &SLUG, value, NULL, "should be lower case with hyphens");
			return;
		}
}

static bool container(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule EMPTY = {STIX_MUST, "empty", "2.3"};

	if (!yyjson_is_obj(value)) {
		wrong_type(c, value, "an object");
		return false;
	}
	if (yyjson_obj_size(value) == 0 && !(p->flags & FLAG_MAY_BE_EMPTY)) {
		check_report(c, &EMPTY, value, NULL, "must not be empty");
		return false;
	}
	return true;
}

/* Section 2.3: ASCII letters, digits, hyphen and underscore. */
static bool dictionary_key(struct str key, size_t least)
{
	if (key.n < least || key.n > 250)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		char ch = key.p[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		        (ch >= '0' && ch <= '9') || ch == '-' || ch == '_'))
			return false;
	}
	return true;
}

static const struct {
	const char *name;
	size_t digits;
} DIGESTS[] = {{"MD5", 32}, {"SHA-1", 40}, {"SHA-256", 64}, {"SHA-512", 128}, {"SHA3-256", 64},
    {"SHA3-512", 128}, {"SHA-224", 56}, {"SHA-384", 96}, {"SHA3-224", 56}, {"SHA3-384", 96},
    {"MD6", 0}, {"RIPEMD-160", 40}, {"WHIRLPOOL", 128}};

static bool digest_form(struct str name, struct str value)
{
	for (size_t i = 0; i < sizeof(DIGESTS) / sizeof(DIGESTS[0]); i++)
		if (str_eq(name, str_c(DIGESTS[i].name)))
			return hex(value) &&
			       (DIGESTS[i].digits == 0 || value.n == DIGESTS[i].digits);
	return true;
}

static void check_hash(struct check *c, struct str name, yyjson_val *key)
{
	static const struct rule KEY = {STIX_MUST, "hash-name", "2.7"};
	static const struct rule FORM = {STIX_MUST, "hash-form", "10.6"};
	static const struct rule OPEN = {STIX_SHOULD, "hash-algorithm", "10.6"};
	const struct words *known = c->v21 ? &WORDS_HASH_ALGORITHM_21 : &WORDS_HASH_ALGORITHM_20;
	struct str s;

	if (!dictionary_key(name, 3)) {
		check_report(c, &KEY, key, NULL,
		    "a hash's name has 3 to 250 letters, digits, hyphens and underscores");
		return;
	}
	if (!string(c, key + 1, &s))
		return;
	if (!digest_form(name, s))
		check_report(c, &FORM, key + 1, NULL, "not the hexadecimal digits of a %.*s digest",
		    shown(name), name.p);
	if (!words_have(known, name) && !str_starts(name, S("x_")))
		check_report(c, &OPEN, key + 1, NULL, "'%.*s' is not in the vocabulary",
		    shown(name), name.p);
}

static void check_hashes(struct check *c, const struct property *p, yyjson_val *value)
{
	size_t n = yyjson_obj_size(value);
	yyjson_val *key = n ? unsafe_yyjson_get_first(value) : NULL;

	if (!container(c, p, value))
		return;
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1))
		check_hash(c, json_str(key), key);
}

static void check_dict(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule KEY = {STIX_MUST, "dictionary-key", "2.3"};
	static const struct rule WORD = {STIX_SHOULD, "dictionary-word", NULL};
	size_t n = yyjson_obj_size(value);
	yyjson_val *key = n ? unsafe_yyjson_get_first(value) : NULL;

	if (!container(c, p, value))
		return;
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);

		if (!dictionary_key(name, 1))
			check_report(c, &KEY, key, NULL,
			    "a key has 1 to 250 letters, digits, hyphens and underscores");
		else if (p->words && !words_have(p->words, name))
			check_report(c, &WORD, key, NULL, "'%.*s' is not one of the known keys",
			    shown(name), name.p);
	}
}

static void check_part(struct check *c, const struct property *p, yyjson_val *value)
{
	if (!container(c, p, value))
		return;
	check_members(c, value, NULL, p->part, false);
	if (p->part == &PART_EXTERNAL_REFERENCE)
		check_external_reference(c, value);
}

static void check_extensions_value(struct check *c, const struct property *p, yyjson_val *value)
{
	if (container(c, p, value))
		check_extensions(c, value);
}

static void check_observables_value(struct check *c, const struct property *p, yyjson_val *value)
{
	if (container(c, p, value))
		check_observables(c, value);
}

static const value_fn KIND_CHECKS[KIND_KINDS] = {
    [KIND_ANY] = check_any,
    [KIND_STRING] = check_string,
    [KIND_BOOL] = check_bool,
    [KIND_INT] = check_int,
    [KIND_FLOAT] = check_float,
    [KIND_TIME] = check_time,
    [KIND_TYPE] = check_type_value,
    [KIND_SPEC] = check_spec,
    [KIND_ID] = check_id,
    [KIND_REF] = check_ref,
    [KIND_HEX] = check_hex,
    [KIND_BASE64] = check_base64,
    [KIND_URI] = check_uri,
    [KIND_LINK] = check_link,
    [KIND_LANG] = check_lang,
    [KIND_MIME] = check_mime,
    [KIND_CHARSET] = check_charset,
    [KIND_ENUM] = check_enum,
    [KIND_OPEN] = check_open,
    [KIND_HASHES] = check_hashes,
    [KIND_DICT] = check_dict,
    [KIND_PART] = check_part,
    [KIND_EXTENSIONS] = check_extensions_value,
    [KIND_OBSERVABLES] = check_observables_value,
    [KIND_SLUG] = check_slug,
};

void check_value(struct check *c, const struct property *p, yyjson_val *value)
{
	static const struct rule EMPTY = {STIX_MUST, "empty-list", "2.12"};
	size_t n;
	yyjson_val *at;

	if (!(p->flags & FLAG_LIST)) {
		KIND_CHECKS[p->kind](c, p, value);
		return;
	}
	if (!yyjson_is_arr(value)) {
		wrong_type(c, value, "a list");
		return;
	}
	n = unsafe_yyjson_get_len(value);
	if (n == 0)
		check_report(c, &EMPTY, value, NULL, "a list must not be empty");
	at = n ? unsafe_yyjson_get_first(value) : NULL;
	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at))
		KIND_CHECKS[p->kind](c, p, at);
}
