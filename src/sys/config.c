/* SPDX-License-Identifier: Apache-2.0 */
/* One row a key: reading, checking, defaults and printing all walk the same table. */
#include "sys/config.h"

#include <stddef.h>
#include <string.h>

#include "sys/files.h"

enum { VALUE_MAX = 4095, SOURCE_NAME_MAX = 64, NODE_NAME_MAX = 64 };

enum key_type {
	KEY_TEXT,   /* any printable text */
	KEY_NUMBER, /* uint32_t */
	KEY_SIZE,   /* uint64_t, with K, M or G */
	KEY_WORD,   /* one of `words` */
	KEY_PATH,   /* absolute */
	KEY_LISTEN, /* ADDR:PORT */
};

enum section {
	SECTION_NONE,
	SECTION_NODE,
	SECTION_SERVE,
	SECTION_TAXII,
	SECTION_LINK,
	SECTION_PEER,
	SECTION_ACCOUNTS,
	SECTION_OIDC,
	SECTION_KEYS,
	SECTION_LEDGER,
	SECTION_GUARD,
	SECTION_PACKS,
	SECTION_ANALYTICS,
	SECTION_DECAY,
	SECTION_TRUST,
	SECTION_RETENTION,
	SECTION_SOURCE
};

struct key {
	enum section section;
	const char *name;
	enum key_type type;
	size_t offset;            /* in struct config, or in struct config_source */
	const char *fallback;     /* NULL: must be given */
	uint64_t least, most;     /* of numbers; of texts the length */
	const char *const *words; /* OR_NONE, of all but KEY_WORD: it may have no value */
};

static const char *const SECTIONS[] = {
    [SECTION_NODE] = "node",
    [SECTION_SERVE] = "serve",
    [SECTION_TAXII] = "taxii",
    [SECTION_LINK] = "link",
    [SECTION_PEER] = "peer",
    [SECTION_ACCOUNTS] = "accounts",
    [SECTION_OIDC] = "oidc",
    [SECTION_KEYS] = "keys",
    [SECTION_LEDGER] = "ledger",
    [SECTION_GUARD] = "guard",
    [SECTION_PACKS] = "packs",
    [SECTION_ANALYTICS] = "analytics",
    [SECTION_DECAY] = "decay",
    [SECTION_TRUST] = "trust",
    [SECTION_RETENTION] = "retention",
    [SECTION_SOURCE] = "source",
};

static const char *const METRICS[] = {"closed", "open", NULL};
static const char *const TLS_VERSIONS[] = {"1.3", "1.2", NULL};
static const char *const INTRODUCTIONS[] = {"take", "refuse", NULL};
static const char *const QUOTA_WHEN[] = {"waiting", "always", NULL};
static const char *const PURGES[] = {"ask", "comply", NULL};
static const char *const APPLY[] = {"hand", "daily", NULL};
static const char *const YES_NO[] = {"yes", "no", NULL};
static const char *const KINDS[] = {"eve", NULL};
static const char *const LABELS[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", NULL};

/* Of addresses and of web addresses as OpenCTI's built-in rules have it; its own for all others. */
static const char AGES_FAST[] = "lifetime 60 speed 3 points 80,60,40,20";
static const char AGES[] = "lifetime 180 speed 3 points 80,60,40,20";
static const char AGES_SLOWLY[] = "lifetime 365 speed 3 points 80,60,40,20";

/* How people write that a key has no value. */
static const char NONE[] = "none";
static const char *const OR_NONE[] = {NONE, NULL};
/* Where Debian's package publicsuffix has it; a node without it has the program's own table. */
static const char SUFFIXES[] = "/usr/share/publicsuffix/public_suffix_list.dat";

#define NODE(member) offsetof(struct config, member)
#define SOURCE(member) offsetof(struct config_source, member)

static const struct key KEYS[] = {
    {SECTION_NODE, "name", KEY_TEXT, NODE(name), NULL, 1, NODE_NAME_MAX, NULL},
    {SECTION_NODE, "identity", KEY_TEXT, NODE(identity), NULL, 46, 46, NULL},
    {SECTION_NODE, "mail", KEY_TEXT, NODE(mail), NONE, 3, 254, OR_NONE},
    {SECTION_NODE, "ceiling", KEY_TEXT, NODE(ceiling), NONE, 1, 200, OR_NONE},
    {SECTION_SERVE, "listen", KEY_LISTEN, NODE(listen), "127.0.0.1:8443", 3, 60, NULL},
    {SECTION_SERVE, "connections", KEY_NUMBER, NODE(connections), "1000", 1, 100000, NULL},
    {SECTION_SERVE, "body_max", KEY_SIZE, NODE(body_max), "100M", 1024, UINT64_C(1) << 30, NULL},
    {SECTION_SERVE, "metrics", KEY_WORD, NODE(metrics), "closed", 0, 0, METRICS},
    {SECTION_SERVE, "role_timeout", KEY_NUMBER, NODE(role_timeout), "60", 0, 86400, NULL},
    {SECTION_TAXII, "listen", KEY_LISTEN, NODE(taxii_listen), NONE, 3, 60, OR_NONE},
    {SECTION_TAXII, "tls", KEY_WORD, NODE(taxii_tls), "1.3", 0, 0, TLS_VERSIONS},
    {SECTION_LINK, "listen", KEY_LISTEN, NODE(link_listen), NONE, 3, 60, OR_NONE},
    {SECTION_LINK, "address", KEY_LISTEN, NODE(link_address), NONE, 3, 100, OR_NONE},
    {SECTION_LINK, "certificate", KEY_PATH, NODE(link_certificate), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_LINK, "key", KEY_PATH, NODE(link_key), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_LINK, "introductions", KEY_WORD, NODE(introductions), "take", 0, 0, INTRODUCTIONS},
    {SECTION_LINK, "pace", KEY_NUMBER, NODE(link_pace), "0", 0, 100000, NULL},
    {SECTION_PEER, "quota", KEY_NUMBER, NODE(quota), "1000", 0, 1000000, NULL},
    {SECTION_PEER, "quota_burst", KEY_NUMBER, NODE(quota_burst), "10000", 1, 10000000, NULL},
    {SECTION_PEER, "quota_when", KEY_WORD, NODE(quota_when), "waiting", 0, 0, QUOTA_WHEN},
    {SECTION_PEER, "purges", KEY_WORD, NODE(purges), "ask", 0, 0, PURGES},
    {SECTION_PEER, "package_age_hours", KEY_NUMBER, NODE(package_age_hours), "24", 0, 8760, NULL},
    {SECTION_ACCOUNTS, "totp_required", KEY_TEXT, NODE(totp_required), NONE, 1, 200, OR_NONE},
    {SECTION_ACCOUNTS, "two_person", KEY_TEXT, NODE(two_person), NONE, 1, VALUE_MAX, OR_NONE},
    {SECTION_OIDC, "issuer", KEY_TEXT, NODE(oidc_issuer), NONE, 9, 500, OR_NONE},
    {SECTION_OIDC, "client_id", KEY_TEXT, NODE(oidc_client_id), NONE, 1, 255, OR_NONE},
    {SECTION_OIDC, "client_secret_file", KEY_PATH, NODE(oidc_client_secret_file), NONE, 2,
        VALUE_MAX, OR_NONE},
    {SECTION_OIDC, "ca_file", KEY_PATH, NODE(oidc_ca_file), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_OIDC, "name", KEY_TEXT, NODE(oidc_name), "single sign-on", 1, 60, NULL},
    {SECTION_OIDC, "account_claim", KEY_TEXT, NODE(oidc_account_claim), "sub", 1, 60, NULL},
    {SECTION_KEYS, "pkcs11_module", KEY_PATH, NODE(pkcs11_module), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_KEYS, "pkcs11_token", KEY_TEXT, NODE(pkcs11_token), NONE, 1, 32, OR_NONE},
    {SECTION_KEYS, "pin_file", KEY_PATH, NODE(pkcs11_pin_file), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_KEYS, "pkcs11_files", KEY_PATH, NODE(pkcs11_files), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_LEDGER, "origin", KEY_TEXT, NODE(origin), NULL, 1, 200, NULL},
    {SECTION_LEDGER, "free_reserve", KEY_SIZE, NODE(free_reserve), "64M", 1 << 20,
        UINT64_C(1) << 40, NULL},
    {SECTION_GUARD, "lists", KEY_PATH, NODE(guard_lists), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_GUARD, "own", KEY_TEXT, NODE(guard_own), NONE, 1, VALUE_MAX, OR_NONE},
    {SECTION_GUARD, "impact_events", KEY_NUMBER, NODE(impact_events), "10000", 0, UINT32_MAX, NULL},
    {SECTION_GUARD, "impact_hosts", KEY_NUMBER, NODE(impact_hosts), "20", 0, UINT32_MAX, NULL},
    {SECTION_GUARD, "suffixes", KEY_PATH, NODE(guard_suffixes), SUFFIXES, 2, VALUE_MAX, OR_NONE},
    {SECTION_PACKS, "keys", KEY_PATH, NODE(packs_keys), NONE, 2, VALUE_MAX, OR_NONE},
    {SECTION_ANALYTICS, "detectors", KEY_TEXT, NODE(detectors), "all", 1, 200, NULL},
    {SECTION_ANALYTICS, "own", KEY_TEXT, NODE(analytics_own), NONE, 1, VALUE_MAX, OR_NONE},
    {SECTION_DECAY, "threshold", KEY_NUMBER, NODE(decay_threshold), "0", 0, 100, NULL},
    {SECTION_DECAY, "confidence", KEY_NUMBER, NODE(decay_confidence), "50", 0, 100, NULL},
    {SECTION_DECAY, "false_positive", KEY_NUMBER, NODE(decay_false_positive), "25", 0, 100, NULL},
    {SECTION_DECAY, "trust", KEY_NUMBER, NODE(decay_trust), "100", 0, 100, NULL},
    {SECTION_DECAY, "address", KEY_TEXT, NODE(decays[0]), AGES_FAST, 1, 200, NULL},
    {SECTION_DECAY, "domain", KEY_TEXT, NODE(decays[1]), AGES, 1, 200, NULL},
    {SECTION_DECAY, "url", KEY_TEXT, NODE(decays[2]), AGES, 1, 200, NULL},
    {SECTION_DECAY, "email", KEY_TEXT, NODE(decays[3]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_DECAY, "file", KEY_TEXT, NODE(decays[4]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_DECAY, "certificate", KEY_TEXT, NODE(decays[5]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_DECAY, "tls", KEY_TEXT, NODE(decays[6]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_DECAY, "user_agent", KEY_TEXT, NODE(decays[7]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_DECAY, "other", KEY_TEXT, NODE(decays[8]), AGES_SLOWLY, 1, 200, NULL},
    {SECTION_RETENTION, "apply", KEY_WORD, NODE(retention_apply), "hand", 0, 0, APPLY},
    {SECTION_RETENTION, "history", KEY_NUMBER, NODE(retention_history), "400", 0,
        CONFIG_RETENTION_DAYS_MAX, NULL},
    {SECTION_SOURCE, "kind", KEY_WORD, SOURCE(kind), NULL, 0, 0, KINDS},
    {SECTION_SOURCE, "path", KEY_PATH, SOURCE(path), NULL, 2, VALUE_MAX, NULL},
    {SECTION_SOURCE, "label", KEY_WORD, SOURCE(label), "TLP:AMBER", 0, 0, LABELS},
    {SECTION_SOURCE, "trust", KEY_NUMBER, SOURCE(trust), "50", 0, 100, NULL},
    {SECTION_SOURCE, "history", KEY_WORD, SOURCE(history), "yes", 0, 0, YES_NO},
};

enum { KEY_COUNT = sizeof(KEYS) / sizeof(KEYS[0]) };

/* Where the reader stands. */
struct reader {
	struct config *config;
	struct arena *arena;
	const char *file;
	uint32_t line;
	enum section section;
	uint32_t section_line;
	struct config_source *source; /* in SECTION_SOURCE */
	bool seen[KEY_COUNT];         /* of the sections that occur once, or of this source */
	struct fault *fault;
};

static char *place_of(const struct reader *r, const struct key *k)
{
	char *base = k->section == SECTION_SOURCE ? (char *)r->source : (char *)r->config;

	return base + k->offset;
}

static void put_str(const struct reader *r, const struct key *k, struct str value)
{
	memcpy(place_of(r, k), &value, sizeof(value));
}

static enum err refuse(const struct reader *r, const struct key *k, const char *why)
{
	return fail(r->fault, ERR_INVALID, "%s:%u: %s: %s", r->file, r->line, k->name, why);
}

static enum err set_text(const struct reader *r, const struct key *k, struct str value)
{
	struct str copy;

	if (value.n < k->least || value.n > k->most)
		return fail(r->fault, ERR_INVALID,
		    "%s:%u: %s: must have %llu to %llu bytes, has %zu", r->file, r->line, k->name,
		    (unsigned long long)k->least, (unsigned long long)k->most, value.n);
	if (k->type == KEY_PATH && value.p[0] != '/')
		return refuse(r, k, "must be an absolute path");
	copy = arena_str(r->arena, value);
	if (!copy.p)
		return fail(r->fault, ERR_NOMEM, "no memory for the configuration");
	put_str(r, k, copy);
	return OK;
}

static enum err set_listen(const struct reader *r, const struct key *k, struct str value)
{
	size_t colon = value.n;
	uint64_t port;

	while (colon > 0 && value.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_u64(str_from(value, colon), &port) != OK || port > 65535)
		return refuse(r, k, "must be ADDRESS:PORT, like 127.0.0.1:8443 or [::1]:8443");
	return set_text(r, k, value);
}

static enum err set_number(const struct reader *r, const struct key *k, struct str value)
{
	uint64_t n;
	unsigned shift = 0;
	uint32_t small;

	if (k->type == KEY_SIZE && value.n > 1) {
		char unit = value.p[value.n - 1];

		shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
	}
	if (shift > 0)
		value.n--;
	if (str_u64(value, &n) != OK || n > UINT64_MAX >> shift)
		return refuse(r, k,
		    k->type == KEY_SIZE ? "must be a number of bytes, like 64M"
		                        : "must be a whole number");
	n <<= shift;
	if (n < k->least || n > k->most)
		return fail(r->fault, ERR_INVALID, "%s:%u: %s: must be %llu to %llu, is %llu",
		    r->file, r->line, k->name, (unsigned long long)k->least,
		    (unsigned long long)k->most, (unsigned long long)n);
	small = (uint32_t)n;
	if (k->type == KEY_SIZE)
		memcpy(place_of(r, k), &n, sizeof(n));
	else
		memcpy(place_of(r, k), &small, sizeof(small));
	return OK;
}

static enum err set_word(const struct reader *r, const struct key *k, struct str value)
{
	struct str all;

	for (const char *const *w = k->words; *w; w++) {
		if (str_eq_nocase(value, str_c(*w))) {
			put_str(r, k, str_c(*w));
			return OK;
		}
	}
	all = str_c(k->words[0]);
	for (const char *const *w = k->words + 1; *w && all.p; w++)
		all = arena_printf(r->arena, "%.*s, %s", STR_ARG(all), *w);
	return fail(r->fault, ERR_INVALID, "%s:%u: %s: must be one of %.*s", r->file, r->line,
	    k->name, STR_ARG(all));
}

static enum err set(const struct reader *r, const struct key *k, struct str value)
{
	if (k->words == OR_NONE && str_eq(value, str_c(NONE))) {
		put_str(r, k, STR_NONE);
		return OK;
	}
	switch (k->type) {
	case KEY_NUMBER:
	case KEY_SIZE:
		return set_number(r, k, value);
	case KEY_WORD:
		return set_word(r, k, value);
	case KEY_LISTEN:
		return set_listen(r, k, value);
	default:
		return set_text(r, k, value);
	}
}

/* Defaults for what a section left out. */
static enum err finish_section(struct reader *r, enum section section)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *k = &KEYS[i];

		if (k->section != section || r->seen[i])
			continue;
		r->line = r->section_line;
		if (!k->fallback)
			return fail(r->fault, ERR_INVALID, "%s:%u: [%s]: the key %s is missing",
			    r->file, r->line, SECTIONS[section], k->name);
		TRY(set(r, k, str_c(k->fallback)));
	}
	return OK;
}

static bool name_is_plain(struct str s)
{
	if (s.n == 0 || s.n > SOURCE_NAME_MAX || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		        c == '-' || c == '_' || c == '.'))
			return false;
	}
	return true;
}

static enum err open_source(struct reader *r, struct str name)
{
	struct config *c = r->config;

	if (!name_is_plain(name))
		return fail(r->fault, ERR_INVALID,
		    "%s:%u: [source NAME]: a name has 1 to %d letters, digits, '-', '_', '.'",
		    r->file, r->line, SOURCE_NAME_MAX);
	for (size_t i = 0; i < c->source_count; i++)
		if (str_eq(c->sources[i].name, name))
			return fail(r->fault, ERR_CONFLICT,
			    "%s:%u: [source %.*s] is already at line %u", r->file, r->line,
			    STR_ARG(name), c->sources[i].line);
	if (c->source_count == CONFIG_SOURCES_MAX)
		return fail(r->fault, ERR_LIMIT, "%s:%u: more than %d sources", r->file, r->line,
		    CONFIG_SOURCES_MAX);
	r->source = &c->sources[c->source_count++];
	r->source->line = r->line;
	r->source->name = arena_str(r->arena, name);
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (KEYS[i].section == SECTION_SOURCE)
			r->seen[i] = false;
	return OK;
}

static enum err read_section(struct reader *r, struct str line)
{
	struct str rest = str_trim(str_slice(line, 1, line.n - 1));
	struct str word = str_cut(&rest, ' ');

	if (line.p[line.n - 1] != ']')
		return fail(
		    r->fault, ERR_PARSE, "%s:%u: a section is written [name]", r->file, r->line);
	if (r->section == SECTION_SOURCE)
		TRY(finish_section(r, SECTION_SOURCE));
	r->section_line = r->line;
	for (int s = SECTION_NODE; s <= SECTION_SOURCE; s++) {
		if (!str_eq(word, str_c(SECTIONS[s])))
			continue;
		r->section = (enum section)s;
		if (s == SECTION_SOURCE)
			return open_source(r, str_trim(rest));
		if (rest.p)
			break;
		return OK;
	}
	return fail(r->fault, ERR_INVALID,
	    "%s:%u: unknown section; known are [node], [serve], [taxii], [link], [peer], "
	    "[accounts], [oidc], [keys], [ledger], [guard], [packs], [analytics], "
	    "[decay], [trust], [retention], [source NAME]",
	    r->file, r->line);
}

static bool is_type_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		        s.p[i] == '-'))
			return false;
	return s.n > 0 && s.n <= SOURCE_NAME_MAX;
}

/* NAME = DAYS of [retention]. */
static enum err read_retention(struct reader *r, struct str name, struct str value)
{
	struct config *c = r->config;
	uint64_t days;

	if (!is_type_name(name))
		return fail(r->fault, ERR_INVALID,
		    "%s:%u: [retention]: a type has 1 to %d letters a-z, digits and '-'", r->file,
		    r->line, SOURCE_NAME_MAX);
	for (size_t i = 0; i < c->retention_count; i++)
		if (str_eq(c->retentions[i].name, name))
			return fail(r->fault, ERR_INVALID, "%s:%u: %.*s: is given twice", r->file,
			    r->line, STR_ARG(name));
	if (str_u64(value, &days) != OK || days > CONFIG_RETENTION_DAYS_MAX)
		return fail(r->fault, ERR_INVALID, "%s:%u: %.*s: must be 0 to %d days", r->file,
		    r->line, STR_ARG(name), CONFIG_RETENTION_DAYS_MAX);
	if (c->retention_count == CONFIG_RETENTIONS_MAX)
		return fail(r->fault, ERR_LIMIT, "%s:%u: more than %d types", r->file, r->line,
		    CONFIG_RETENTIONS_MAX);
	c->retentions[c->retention_count++] =
	    (struct config_retention){.name = arena_str(r->arena, name), .days = (uint32_t)days};
	return OK;
}

/* NAME = 0..100 of [trust]. */
static enum err read_trust(struct reader *r, struct str name, struct str value)
{
	struct config *c = r->config;
	struct str plain =
	    str_starts(name, S("peer:")) ? str_from(name, sizeof("peer:") - 1) : name;
	uint64_t trust;

	if (!name_is_plain(plain))
		return fail(r->fault, ERR_INVALID,
		    "%s:%u: [trust]: a name is that of a source, or peer:NAME", r->file, r->line);
	for (size_t i = 0; i < c->trust_count; i++)
		if (str_eq(c->trusts[i].name, name))
			return fail(r->fault, ERR_INVALID, "%s:%u: %.*s: is given twice", r->file,
			    r->line, STR_ARG(name));
	if (str_u64(value, &trust) != OK || trust > 100)
		return fail(r->fault, ERR_INVALID, "%s:%u: %.*s: must be 0 to 100", r->file,
		    r->line, STR_ARG(name));
	if (c->trust_count == CONFIG_TRUSTS_MAX)
		return fail(r->fault, ERR_LIMIT, "%s:%u: more than %d names", r->file, r->line,
		    CONFIG_TRUSTS_MAX);
	c->trusts[c->trust_count++] =
	    (struct config_trust){.name = arena_str(r->arena, name), .trust = (uint32_t)trust};
	return OK;
}

static enum err read_key(struct reader *r, struct str line)
{
	struct str value = line;
	struct str name = str_trim(str_cut(&value, '='));

	if (!value.p || name.n == 0)
		return fail(
		    r->fault, ERR_PARSE, "%s:%u: a line is `key = value`", r->file, r->line);
	if (r->section == SECTION_NONE)
		return fail(r->fault, ERR_PARSE, "%s:%u: a key before the first [section]", r->file,
		    r->line);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *k = &KEYS[i];

		if (k->section != r->section || !str_eq(name, str_c(k->name)))
			continue;
		if (r->seen[i])
			return refuse(r, k, "is given twice");
		r->seen[i] = true;
		return set(r, k, str_trim(value));
	}
	if (r->section == SECTION_RETENTION)
		return read_retention(r, name, str_trim(value));
	if (r->section == SECTION_TRUST)
		return read_trust(r, name, str_trim(value));
	return fail(r->fault, ERR_INVALID, "%s:%u: %.*s: no such key in [%s]", r->file, r->line,
	    STR_ARG(str_slice(name, 0, 64)), SECTIONS[r->section]);
}

static enum err read_line(struct reader *r, struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
			return fail(
			    r->fault, ERR_PARSE, "%s:%u: a control character", r->file, r->line);
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return OK;
	if (line.n > VALUE_MAX)
		return fail(r->fault, ERR_LIMIT, "%s:%u: longer than %d bytes", r->file, r->line,
		    VALUE_MAX);
	return line.p[0] == '[' ? read_section(r, line) : read_key(r, line);
}

enum err config_parse(
    struct config *out, struct arena *arena, struct str text, const char *file, struct fault *fault)
{
	struct config config = {0};
	struct reader r = {.config = &config, .arena = arena, .file = file, .fault = fault};

	if (text.n > CONFIG_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "%s: longer than %d bytes", file, CONFIG_BYTES_MAX);
	config.sources = arena_zalloc(arena, CONFIG_SOURCES_MAX * sizeof(*config.sources));
	config.retentions = arena_zalloc(arena, CONFIG_RETENTIONS_MAX * sizeof(*config.retentions));
	config.trusts = arena_zalloc(arena, CONFIG_TRUSTS_MAX * sizeof(*config.trusts));
	if (!config.sources || !config.retentions || !config.trusts)
		return fail(fault, ERR_NOMEM, "no memory for the configuration");
	while (text.p) {
		struct str line = str_cut(&text, '\n');

		r.line++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		TRY(read_line(&r, line));
	}
	if (r.section == SECTION_SOURCE)
		TRY(finish_section(&r, SECTION_SOURCE));
	r.section_line = r.line;
	for (int s = SECTION_NODE; s < SECTION_SOURCE; s++)
		TRY(finish_section(&r, (enum section)s));
	*out = config;
	return OK;
}

enum err config_read(struct config *out, struct arena *arena, struct str dir, struct fault *fault)
{
	struct str path = file_join(arena, dir, "tocsin.conf");
	struct str text;

	TRY(file_read(&text, arena, path, CONFIG_BYTES_MAX, fault));
	return config_parse(out, arena, text, path.p, fault);
}

static void print_value(struct buf *out, const struct key *k, const char *base)
{
	struct str text;
	uint64_t size;
	uint32_t number;

	switch (k->type) {
	case KEY_NUMBER:
		memcpy(&number, base + k->offset, sizeof(number));
		buf_printf(out, "%u", number);
		return;
	case KEY_SIZE:
		memcpy(&size, base + k->offset, sizeof(size));
		if (size % (1 << 20) == 0)
			buf_printf(out, "%lluM", (unsigned long long)(size >> 20));
		else
			buf_printf(out, "%llu", (unsigned long long)size);
		return;
	default:
		memcpy(&text, base + k->offset, sizeof(text));
		buf_put(out, text.p ? text : str_c(NONE));
	}
}

static void print_keys(struct buf *out, enum section section, const void *base)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (KEYS[i].section != section)
			continue;
		buf_printf(out, "%s = ", KEYS[i].name);
		print_value(out, &KEYS[i], base);
		buf_byte(out, '\n');
	}
}

void config_print(const struct config *c, struct buf *out)
{
	for (int s = SECTION_NODE; s < SECTION_SOURCE; s++) {
		buf_printf(out, "%s[%s]\n", s == SECTION_NODE ? "" : "\n", SECTIONS[s]);
		print_keys(out, (enum section)s, c);
		for (size_t i = 0; s == SECTION_TRUST && i < c->trust_count; i++)
			buf_printf(
			    out, "%.*s = %u\n", STR_ARG(c->trusts[i].name), c->trusts[i].trust);
	}
	/* The last of the sections. */
	for (size_t i = 0; i < c->retention_count; i++)
		buf_printf(
		    out, "%.*s = %u\n", STR_ARG(c->retentions[i].name), c->retentions[i].days);
	for (size_t i = 0; i < c->source_count; i++) {
		buf_printf(out, "\n[source %.*s]\n", STR_ARG(c->sources[i].name));
		print_keys(out, SECTION_SOURCE, &c->sources[i]);
	}
}

void config_link_files(
    struct str *cert, struct str *key, const struct config *c, struct str dir, struct arena *arena)
{
	struct str pair = file_join(arena, dir, CONFIG_LINK_PAIR);

	if (c->link_certificate.p) {
		*cert = c->link_certificate;
		*key = c->link_key;
	} else if (file_exists(pair)) {
		*cert = *key = pair;
	} else {
		*cert = file_join(arena, dir, "tls/cert.pem");
		*key = file_join(arena, dir, "keys/tls.pem");
	}
}
