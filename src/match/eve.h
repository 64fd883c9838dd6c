/* SPDX-License-Identifier: Apache-2.0 */
/* What a Suricata EVE line says about the outside: the addresses, names, URLs, mail addresses and
 * file hashes of a fixed table of fields (eve_table.c), and nothing else. An on-demand walker over
 * the raw line; a line with escapes where it matters is read as a tree instead. It checks what it
 * walks through; parts that it skips are only checked for balanced brackets and closed strings. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "match/bits.h"
#include "stix/equality.h"

enum {
	EVE_LINE_MAX = 1 << 20,   /* bytes of a line */
	EVE_VALUE_MAX = 8 << 10,  /* bytes of a value or a trait; longer ones are left out */
	EVE_VALUES_MAX = 4 << 10, /* values of a line; a line with more is malformed */
	EVE_ANSWERS_MAX = 128,    /* DNS answers of a line; more are left out */
	EVE_DEPTH_MAX = 60,       /* of nesting */
	EVE_SLACK = BITS_SLACK,   /* bytes that must be readable behind a line */
};

/* Rows that give a value to look up; the order is that of eve_field_path(). */
enum eve_field {
	EVE_SRC_IP,
	EVE_DEST_IP,
	EVE_DNS_RRNAME,
	EVE_DNS_QUERIES,
	EVE_DNS_QUERY,
	EVE_TLS_SNI,
	EVE_TLS_CERTIFICATE,
	EVE_TLS_JA3,
	EVE_TLS_JA3S,
	EVE_TLS_JA4,
	EVE_QUIC_SNI,
	EVE_QUIC_JA3,
	EVE_QUIC_JA3S,
	EVE_QUIC_JA4,
	EVE_HTTP_HOSTNAME,
	EVE_HTTP_URL,
	EVE_HTTP_USER_AGENT,
	EVE_SMTP_FROM,
	EVE_SMTP_TO,
	EVE_EMAIL_FROM,
	EVE_EMAIL_TO,
	EVE_EMAIL_CC,
	EVE_FILE_MD5,
	EVE_FILE_SHA1,
	EVE_FILE_SHA256,
	EVE_FIELDS,
};

const char *eve_field_path(enum eve_field f); /* "dns.rrname" */
/* What the field holds; TERM_IPV4 stands for either kind of address, TERM_CERT_SHA1
 * for every digest of a certificate. */
enum term_kind eve_field_kind(enum eve_field f);

/* What else a line says of itself, for who looks at events as a whole; numbers are digits alone. */
enum eve_trait {
	EVE_NO_TRAIT,
	EVE_TYPE,        /* event_type */
	EVE_PROTO,       /* proto */
	EVE_SRC_PORT,    /* src_port; a number */
	EVE_DEST_PORT,   /* dest_port; a number */
	EVE_START,       /* flow.start */
	EVE_SENT,        /* flow.bytes_toserver; a number */
	EVE_REPLIES,     /* flow.pkts_toclient; a number */
	EVE_DNS_NAME,    /* the first name asked for, also where an answer repeats it */
	EVE_DNS_TYPE,    /* its type */
	EVE_DNS_CODE,    /* dns.rcode */
	EVE_FILE_NAME,   /* fileinfo.filename */
	EVE_LISTED_FILE, /* the first such of a list of files */
	EVE_SUBJECT,     /* email.subject */
	EVE_TRAITS,
};

struct eve_value {
	enum eve_field field;
	struct str text; /* unescaped, not yet canonical */
};

/* What DNS answered: to which name, and with what. Nothing to look up: what was asked is. */
struct eve_answer {
	struct str name, data; /* unescaped, not yet canonical */
	enum term_kind kind;   /* of data: TERM_IPV4 for either kind of address, or TERM_DOMAIN */
};

struct eve_event {
	struct str timestamp;          /* as written, STR_NONE when there is none */
	struct str traits[EVE_TRAITS]; /* the first of each; STR_NONE when there is none */
	size_t count, answer_count;
	bool answers_cut; /* there are others: too long, too many, said otherwise */
	struct eve_value values[EVE_VALUES_MAX];
	struct eve_answer answers[EVE_ANSWERS_MAX];
};

struct eve;

struct eve *eve_new(bits_fn bits); /* NULL: the best one */
void eve_free(struct eve *e);
/* What is read beside values and time, some of EVE_WANT_*; at first all of it. What is not wanted
 * may be missing, which takes up to a third less time. Not while a block is read. */
enum {
	EVE_WANT_KIND = 1,    /* traits of what it is about: its ports, files, mail */
	EVE_WANT_COURSE = 2,  /* all other traits */
	EVE_WANT_ANSWERS = 4, /* what DNS answered */
	EVE_WANTS = 8,
	EVE_WANT_TRAITS = EVE_WANT_KIND | EVE_WANT_COURSE,
	EVE_WANT_ALL = EVE_WANTS - 1,
};
void eve_want(struct eve *e, unsigned wants);

/* One line of a block, without its newline. The event lives until the next call, its texts as long
 * as the block and that. */
struct eve_line {
	struct str text;
	enum err rc; /* ERR_PARSE, ERR_LIMIT: there is no event */
	const struct eve_event *event;
};

/* A block of whole lines (its last byte is a newline) with EVE_SLACK readable bytes behind it. It
 * must stay until eve_next gives false. A malformed line does not disturb those around it. */
void eve_start(struct eve *e, struct str block);
/* The next line that is not empty; false when there is none. */
bool eve_next(struct eve *e, struct eve_line *out);

/* Of one line alone; its newline and EVE_SLACK readable bytes follow it. */
MUST_USE enum err eve_extract(struct eve *e, struct str line, const struct eve_event **out);
/* The same by way of a tree, slowly: what the quick way is held against. */
MUST_USE enum err eve_extract_tree(struct eve *e, struct str line, const struct eve_event **out);
