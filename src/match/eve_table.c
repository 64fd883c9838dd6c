/* SPDX-License-Identifier: Apache-2.0 */
#include "match/eve_table.h"

#define SHAPE(id, rows) {(id), (rows), sizeof(rows) / sizeof((rows)[0])}
#define VALUE(key, field) {{(key), sizeof(key) - 1}, EVE_IS_VALUE, (field), NULL, EVE_NO_TRAIT}
#define MAILBOX(key, field) {{(key), sizeof(key) - 1}, EVE_IS_MAILBOX, (field), NULL, EVE_NO_TRAIT}
#define PART(key, what, field) {{(key), sizeof(key) - 1}, (what), (field), NULL, EVE_NO_TRAIT}
#define OBJECT(key, shape)                                                                         \
	{{(key), sizeof(key) - 1}, EVE_IS_OBJECT, EVE_FIELDS, &(shape), EVE_NO_TRAIT}
#define NAME(key, field) {{(key), sizeof(key) - 1}, EVE_IS_VALUE, (field), NULL, EVE_DNS_NAME}
#define TEXT(key, trait) {{(key), sizeof(key) - 1}, EVE_IS_TEXT, EVE_FIELDS, NULL, (trait)}
#define NUMBER(key, trait) {{(key), sizeof(key) - 1}, EVE_IS_NUMBER, EVE_FIELDS, NULL, (trait)}

static const struct eve_row QUERIES_ROWS[] = {
    NAME("rrname", EVE_DNS_QUERIES),
    TEXT("rrtype", EVE_DNS_TYPE),
};
static const struct eve_shape QUERIES = SHAPE(EVE_SHAPE_QUERIES, QUERIES_ROWS);

static const struct eve_row QUERY_ROWS[] = {NAME("rrname", EVE_DNS_QUERY)};
static const struct eve_shape QUERY = SHAPE(EVE_SHAPE_QUERY, QUERY_ROWS);

static const struct eve_row ANSWER_ROWS[] = {
    PART("rrname", EVE_IS_ANSWER_NAME, EVE_FIELDS),
    PART("rrtype", EVE_IS_ANSWER_TYPE, EVE_FIELDS),
    PART("rdata", EVE_IS_ANSWER_DATA, EVE_FIELDS),
};
static const struct eve_shape ANSWER = SHAPE(EVE_SHAPE_ANSWER, ANSWER_ROWS);

static const struct eve_row GROUPED_ROWS[] = {
    PART("A", EVE_IS_ANSWER_ADDRESSES, EVE_FIELDS),
    PART("AAAA", EVE_IS_ANSWER_ADDRESSES, EVE_FIELDS),
    PART("CNAME", EVE_IS_ANSWER_NAMES, EVE_FIELDS),
    PART("NS", EVE_IS_ANSWER_NAMES, EVE_FIELDS),
    PART("MX", EVE_IS_ANSWER_NAMES, EVE_FIELDS),
    PART("PTR", EVE_IS_ANSWER_NAMES, EVE_FIELDS),
};
static const struct eve_shape GROUPED = SHAPE(EVE_SHAPE_GROUPED, GROUPED_ROWS);

static const struct eve_row OTHERWISE_ROWS[] = {PART("rdata", EVE_IS_ANSWER_OTHERWISE, EVE_FIELDS)};
static const struct eve_shape OTHERWISE = SHAPE(EVE_SHAPE_OTHERWISE, OTHERWISE_ROWS);

static const struct eve_row DNS_ROWS[] = {
    PART("type", EVE_IS_DNS_TYPE, EVE_FIELDS), NAME("rrname", EVE_DNS_RRNAME),
    TEXT("rrtype", EVE_DNS_TYPE), TEXT("rcode", EVE_DNS_CODE),
    OBJECT("queries", QUERIES), /* version 3 */
    OBJECT("query", QUERY),     /* in alerts, version 2 */
    OBJECT("answers", ANSWER), OBJECT("grouped", GROUPED),
    OBJECT("answer", OTHERWISE),                        /* in alerts */
    PART("rdata", EVE_IS_ANSWER_OTHERWISE, EVE_FIELDS), /* version 1 */
};
static const struct eve_shape DNS = SHAPE(EVE_SHAPE_DNS, DNS_ROWS);

static const struct eve_row TLS_JA3_ROWS[] = {VALUE("hash", EVE_TLS_JA3)};
static const struct eve_shape TLS_JA3 = SHAPE(EVE_SHAPE_TLS_JA3, TLS_JA3_ROWS);

static const struct eve_row TLS_JA3S_ROWS[] = {VALUE("hash", EVE_TLS_JA3S)};
static const struct eve_shape TLS_JA3S = SHAPE(EVE_SHAPE_TLS_JA3S, TLS_JA3S_ROWS);

static const struct eve_row TLS_ROWS[] = {
    VALUE("sni", EVE_TLS_SNI),
    VALUE("fingerprint", EVE_TLS_CERTIFICATE),
    OBJECT("ja3", TLS_JA3),
    OBJECT("ja3s", TLS_JA3S),
    VALUE("ja4", EVE_TLS_JA4),
};
static const struct eve_shape TLS = SHAPE(EVE_SHAPE_TLS, TLS_ROWS);

static const struct eve_row QUIC_JA3_ROWS[] = {VALUE("hash", EVE_QUIC_JA3)};
static const struct eve_shape QUIC_JA3 = SHAPE(EVE_SHAPE_QUIC_JA3, QUIC_JA3_ROWS);

static const struct eve_row QUIC_JA3S_ROWS[] = {VALUE("hash", EVE_QUIC_JA3S)};
static const struct eve_shape QUIC_JA3S = SHAPE(EVE_SHAPE_QUIC_JA3S, QUIC_JA3S_ROWS);

static const struct eve_row QUIC_ROWS[] = {
    VALUE("sni", EVE_QUIC_SNI),
    OBJECT("ja3", QUIC_JA3),
    OBJECT("ja3s", QUIC_JA3S),
    VALUE("ja4", EVE_QUIC_JA4),
};
static const struct eve_shape QUIC = SHAPE(EVE_SHAPE_QUIC, QUIC_ROWS);

static const struct eve_row HTTP_ROWS[] = {
    PART("hostname", EVE_IS_HTTP_HOST, EVE_HTTP_HOSTNAME),
    PART("http_port", EVE_IS_HTTP_PORT, EVE_FIELDS),
    PART("url", EVE_IS_HTTP_URL, EVE_HTTP_URL),
    VALUE("http_user_agent", EVE_HTTP_USER_AGENT),
};
static const struct eve_shape HTTP = SHAPE(EVE_SHAPE_HTTP, HTTP_ROWS);

static const struct eve_row SMTP_ROWS[] = {
    MAILBOX("mail_from", EVE_SMTP_FROM),
    MAILBOX("rcpt_to", EVE_SMTP_TO),
};
static const struct eve_shape SMTP = SHAPE(EVE_SHAPE_SMTP, SMTP_ROWS);

static const struct eve_row EMAIL_ROWS[] = {
    MAILBOX("from", EVE_EMAIL_FROM),
    MAILBOX("to", EVE_EMAIL_TO),
    MAILBOX("cc", EVE_EMAIL_CC),
    TEXT("subject", EVE_SUBJECT),
};
static const struct eve_shape EMAIL = SHAPE(EVE_SHAPE_EMAIL, EMAIL_ROWS);

static const struct eve_row FILE_ROWS[] = {
    VALUE("md5", EVE_FILE_MD5),
    VALUE("sha1", EVE_FILE_SHA1),
    VALUE("sha256", EVE_FILE_SHA256),
    TEXT("filename", EVE_FILE_NAME),
};
static const struct eve_shape FILE_SHAPE = SHAPE(EVE_SHAPE_FILE, FILE_ROWS);

static const struct eve_row FILES_ROWS[] = {
    VALUE("md5", EVE_FILE_MD5),
    VALUE("sha1", EVE_FILE_SHA1),
    VALUE("sha256", EVE_FILE_SHA256),
    TEXT("filename", EVE_LISTED_FILE),
};
static const struct eve_shape FILES_SHAPE = SHAPE(EVE_SHAPE_FILES, FILES_ROWS);

static const struct eve_row FLOW_ROWS[] = {
    TEXT("start", EVE_START),
    NUMBER("bytes_toserver", EVE_SENT),
    NUMBER("pkts_toclient", EVE_REPLIES),
};
static const struct eve_shape FLOW = SHAPE(EVE_SHAPE_FLOW, FLOW_ROWS);

static const struct eve_row EVENT_ROWS[] = {
    PART("timestamp", EVE_IS_TIMESTAMP, EVE_FIELDS),
    TEXT("event_type", EVE_TYPE),
    VALUE("src_ip", EVE_SRC_IP),
    VALUE("dest_ip", EVE_DEST_IP),
    NUMBER("src_port", EVE_SRC_PORT),
    NUMBER("dest_port", EVE_DEST_PORT),
    TEXT("proto", EVE_PROTO),
    OBJECT("flow", FLOW),
    OBJECT("dns", DNS),
    OBJECT("tls", TLS),
    OBJECT("quic", QUIC),
    OBJECT("http", HTTP),
    OBJECT("smtp", SMTP),
    OBJECT("email", EMAIL),
    OBJECT("fileinfo", FILE_SHAPE),
    OBJECT("files", FILES_SHAPE),
};
const struct eve_shape EVE_EVENT = SHAPE(EVE_SHAPE_EVENT, EVENT_ROWS);

const struct eve_row *eve_row_of(const struct eve_shape *shape, struct str key)
{
	for (const struct eve_row *r = shape->rows; r < shape->rows + shape->count; r++)
		if (str_eq(r->key, key))
			return r;
	return NULL;
}

static unsigned want_of(enum eve_trait trait)
{
	switch (trait) {
	case EVE_SRC_PORT:
	case EVE_DEST_PORT:
	case EVE_FILE_NAME:
	case EVE_LISTED_FILE:
	case EVE_SUBJECT:
		return EVE_WANT_KIND;
	default:
		return EVE_WANT_COURSE;
	}
}

/* Whether there is anything to look up in it, or of what is wanted. */
static bool is_read(const struct eve_row *row, unsigned wants)
{
	switch (row->what) {
	case EVE_IS_TEXT:
	case EVE_IS_NUMBER:
		return wants & want_of(row->trait);
	case EVE_IS_ANSWER_NAME:
	case EVE_IS_ANSWER_TYPE:
	case EVE_IS_ANSWER_DATA:
	case EVE_IS_ANSWER_ADDRESSES:
	case EVE_IS_ANSWER_NAMES:
	case EVE_IS_ANSWER_OTHERWISE:
		return wants & EVE_WANT_ANSWERS;
	case EVE_IS_OBJECT:
		for (size_t i = 0; i < row->shape->count; i++)
			if (is_read(&row->shape->rows[i], wants))
				return true;
		return false;
	default:
		return true;
	}
}

static bool place_all(struct eve_keys *keys, const struct eve_shape *shape, unsigned wants)
{
	memset(keys->places, 0, sizeof(keys->places));
	for (const struct eve_row *r = shape->rows; r < shape->rows + shape->count; r++) {
		char name[9] = "\"\"\"\"\"\"\"\"";
		struct eve_key *place;
		uint64_t word;

		if (!is_read(r, wants))
			continue;
		memcpy(name, r->key.p, r->key.n < 8 ? r->key.n : 8);
		word = eve_key_word(name);
		place = &keys->places[word * keys->factor >> 58];
		if (place->row)
			return false;
		*place = (struct eve_key){word, r};
	}
	return true;
}

static void fill(struct eve_keys keys[EVE_SHAPES], const struct eve_shape *shape, unsigned wants)
{
	struct eve_keys *own = &keys[shape->id];

	own->factor = UINT64_C(0x9e3779b97f4a7c15);
	while (!place_all(own, shape, wants))
		own->factor += UINT64_C(0x2545f4914f6cdd1e);
	for (size_t i = 0; i < shape->count; i++)
		if (shape->rows[i].shape)
			fill(keys, shape->rows[i].shape, wants);
}

void eve_keys_fill(struct eve_keys keys[EVE_SHAPES], unsigned wants)
{
	fill(keys, &EVE_EVENT, wants);
}

static const struct {
	const char *path;
	enum term_kind kind;
} FIELDS[] = {
    [EVE_SRC_IP] = {"src_ip", TERM_IPV4},
    [EVE_DEST_IP] = {"dest_ip", TERM_IPV4},
    [EVE_DNS_RRNAME] = {"dns.rrname", TERM_DOMAIN},
    [EVE_DNS_QUERIES] = {"dns.queries.rrname", TERM_DOMAIN},
    [EVE_DNS_QUERY] = {"dns.query.rrname", TERM_DOMAIN},
    [EVE_TLS_SNI] = {"tls.sni", TERM_DOMAIN},
    [EVE_TLS_CERTIFICATE] = {"tls.fingerprint", TERM_CERT_SHA1},
    [EVE_TLS_JA3] = {"tls.ja3.hash", TERM_JA3},
    [EVE_TLS_JA3S] = {"tls.ja3s.hash", TERM_JA3S},
    [EVE_TLS_JA4] = {"tls.ja4", TERM_JA4},
    [EVE_QUIC_SNI] = {"quic.sni", TERM_DOMAIN},
    [EVE_QUIC_JA3] = {"quic.ja3.hash", TERM_JA3},
    [EVE_QUIC_JA3S] = {"quic.ja3s.hash", TERM_JA3S},
    [EVE_QUIC_JA4] = {"quic.ja4", TERM_JA4},
    [EVE_HTTP_HOSTNAME] = {"http.hostname", TERM_DOMAIN},
    [EVE_HTTP_URL] = {"http.url", TERM_URL},
    [EVE_HTTP_USER_AGENT] = {"http.http_user_agent", TERM_USER_AGENT},
    [EVE_SMTP_FROM] = {"smtp.mail_from", TERM_EMAIL},
    [EVE_SMTP_TO] = {"smtp.rcpt_to", TERM_EMAIL},
    [EVE_EMAIL_FROM] = {"email.from", TERM_EMAIL},
    [EVE_EMAIL_TO] = {"email.to", TERM_EMAIL},
    [EVE_EMAIL_CC] = {"email.cc", TERM_EMAIL},
    [EVE_FILE_MD5] = {"fileinfo.md5", TERM_MD5},
    [EVE_FILE_SHA1] = {"fileinfo.sha1", TERM_SHA1},
    [EVE_FILE_SHA256] = {"fileinfo.sha256", TERM_SHA256},
};

const char *eve_field_path(enum eve_field f)
{
	return FIELDS[f].path;
}

enum term_kind eve_field_kind(enum eve_field f)
{
	return FIELDS[f].kind;
}

void eve_gather_start(struct eve_gather *g)
{
	g->event.timestamp = STR_NONE;
	for (; g->traits; g->traits &= g->traits - 1)
		g->event.traits[__builtin_ctz(g->traits)] = STR_NONE;
	g->event.count = g->event.answer_count = 0;
	g->event.answers_cut = false;
	g->overflow = false;
	g->text_used = 0;
	g->one.name.n = g->one.data.n = 0;
	g->one_is_known = false;
	(void)eve_gather_enter(g);
}

static void add(struct eve_gather *g, enum eve_field field, struct str text)
{
	if (text.n == 0 || text.n > EVE_VALUE_MAX)
		return;
	if (g->event.count == EVE_VALUES_MAX) {
		g->overflow = true;
		return;
	}
	g->event.values[g->event.count++] = (struct eve_value){field, text};
}

/* "Name <a@b>" and "<a@b>" are a@b. */
static struct str mailbox(struct str text)
{
	size_t open = text.n, shut;

	while (open > 0 && text.p[open - 1] != '<')
		open--;
	if (open == 0)
		return str_trim(text);
	text = str_from(text, open);
	shut = str_find(text, '>');
	return str_trim(str_slice(text, 0, shut));
}

static void add_answer(struct eve_gather *g, struct eve_answer answer)
{
	if (answer.data.n == 0)
		return;
	if (answer.data.n > EVE_VALUE_MAX || answer.name.n > EVE_VALUE_MAX ||
	    g->event.answer_count == EVE_ANSWERS_MAX)
		g->event.answers_cut = true;
	else
		g->event.answers[g->event.answer_count++] = answer;
}

static void set_answer_type(struct eve_gather *g, struct str type)
{
	const struct eve_shape *shape = &GROUPED;
	const struct eve_row *row = eve_row_of(shape, type);

	g->one_is_known = row != NULL;
	g->one.kind = row && row->what == EVE_IS_ANSWER_ADDRESSES ? TERM_IPV4 : TERM_DOMAIN;
}

void eve_gather_answer(struct eve_gather *g)
{
	g->listed = true;
	if (g->one_is_known && g->one.name.n)
		add_answer(g, g->one);
	else if (g->one_is_known)
		g->event.answers_cut = true;
	g->one.name.n = g->one.data.n = 0;
	g->one_is_known = false;
}

/* Of a dns object. */
static void gather_dns(struct eve_gather *g, const struct eve_row *row, struct str text)
{
	switch (row->what) {
	case EVE_IS_DNS_TYPE:
		g->answer = str_eq(text, S("answer")) || str_eq(text, S("response"));
		break;
	case EVE_IS_ANSWER_NAME:
		g->one.name = text;
		break;
	case EVE_IS_ANSWER_TYPE:
		set_answer_type(g, text);
		break;
	case EVE_IS_ANSWER_DATA:
		g->one.data = text;
		break;
	case EVE_IS_ANSWER_ADDRESSES:
		add_answer(g, (struct eve_answer){STR_NONE, text, TERM_IPV4});
		break;
	case EVE_IS_ANSWER_NAMES:
		add_answer(g, (struct eve_answer){STR_NONE, text, TERM_DOMAIN});
		break;
	case EVE_IS_ANSWER_OTHERWISE:
		g->event.answers_cut = true;
		break;
	default:
		break;
	}
}

static inline bool is_number(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n < 20;
}

static inline void add_trait(struct eve_gather *g, const struct eve_row *row, struct str text)
{
	struct str *place = &g->event.traits[row->trait];

	if (!place->n && text.n <= EVE_VALUE_MAX &&
	    (row->what != EVE_IS_NUMBER || is_number(text))) {
		*place = text;
		g->traits |= 1U << row->trait;
	}
}

void eve_gather_text(struct eve_gather *g, const struct eve_row *row, struct str text)
{
	uint64_t port;

	if (row->trait)
		add_trait(g, row, text);
	switch (row->what) {
	case EVE_IS_TIMESTAMP:
		g->event.timestamp = text;
		break;
	case EVE_IS_VALUE:
		add(g, row->field, text);
		break;
	case EVE_IS_MAILBOX:
		add(g, row->field, mailbox(text));
		break;
	case EVE_IS_HTTP_HOST:
		add(g, row->field, text);
		g->host = text;
		break;
	case EVE_IS_HTTP_PORT:
		g->port = str_u64(text, &port) == OK && port <= UINT16_MAX ? text : STR_NONE;
		break;
	case EVE_IS_HTTP_URL:
		g->url = text;
		break;
	case EVE_IS_OBJECT:
	case EVE_IS_TEXT:
	case EVE_IS_NUMBER:
		break;
	default:
		gather_dns(g, row, text);
		break;
	}
}

size_t eve_gather_enter(struct eve_gather *g)
{
	g->host = STR_NONE;
	g->port = STR_NONE;
	g->url = STR_NONE;
	g->answer = g->listed = false;
	g->answers_from = g->event.answer_count;
	return g->event.count;
}

static void join_url(struct eve_gather *g)
{
	const struct str parts[] = {S("http://"), g->host, S(":"), g->port, g->url};
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	char *start = g->text + g->text_used, *at = start;
	size_t need = 0;

	for (size_t i = 0; i < count; i++)
		need += parts[i].n;
	if (need > EVE_VALUE_MAX || need > sizeof(g->text) - g->text_used)
		return;
	for (size_t i = 0; i < count; i++) {
		if (i == 2 && g->port.n == 0)
			continue;
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	g->text_used += (size_t)(at - start);
	add(g, EVE_HTTP_URL, (struct str){start, (size_t)(at - start)});
}

/* The name that was asked for is the one of answers that are grouped by type. Where they are also
 * there one by one, those say more. */
static void settle_answers(struct eve_gather *g, size_t mark)
{
	struct eve_event *e = &g->event;
	struct str asked = e->count > mark ? e->values[mark].text : STR_NONE;
	size_t to = g->answers_from;

	for (size_t i = to; i < e->answer_count; i++) {
		struct eve_answer a = e->answers[i];
		bool grouped = a.name.n == 0;

		if (grouped)
			a.name = asked;
		if (g->answer && a.name.n && !(grouped && g->listed))
			e->answers[to++] = a;
		else
			e->answers_cut = true;
	}
	e->answer_count = to;
}

void eve_gather_leave(struct eve_gather *g, size_t mark)
{
	if (g->event.answer_count > g->answers_from)
		settle_answers(g, mark);
	if (g->answer)
		g->event.count = mark;
	/* A proxy's request names the whole URL; CONNECT and OPTIONS * name none. */
	if (str_starts(g->url, S("http://")) || str_starts(g->url, S("https://")))
		add(g, EVE_HTTP_URL, g->url);
	else if (g->host.n && str_starts(g->url, S("/")))
		join_url(g);
}
