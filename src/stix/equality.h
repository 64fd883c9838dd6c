/* SPDX-License-Identifier: Apache-2.0 */
/* The subset of STIX patterning that is a set of plain values: one comparison by equality (or IN,
 * or ISSUBSET for networks) on an observable, alternatives joined by OR. A pattern that has none of
 * these (AND, FOLLOWEDBY, qualifiers, LIKE, MATCHES ...) is ERR_UNSUPPORTED: valid maybe, but not
 * an index entry. Also the mapping of plain values to such patterns, with refanging. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum term_kind {
	TERM_IPV4,   /* value: 4 bytes; prefix 32, or less for a network (bits past it are zero) */
	TERM_IPV6,   /* value: 16 bytes; prefix 128 or less */
	TERM_DOMAIN, /* lower-case ASCII (IDNA A-labels untouched), no trailing dot */
	TERM_URL, /* scheme and host lower case; default port, user and fragment dropped; see url.c
	           */
	TERM_EMAIL,    /* lower case */
	TERM_MD5,      /* 16 bytes */
	TERM_SHA1,     /* 20 bytes */
	TERM_SHA256,   /* 32 bytes */
	TERM_SHA512,   /* 64 bytes */
	TERM_CERT_MD5, /* of an X.509 certificate: as of a file */
	TERM_CERT_SHA1,
	TERM_CERT_SHA256,
	TERM_JA3,        /* 16 bytes: the digest of a client's TLS hello */
	TERM_JA3S,       /* 16 bytes: of a server's */
	TERM_JA4,        /* text, lower case */
	TERM_USER_AGENT, /* text as it is */
	TERM_KINDS,
};

struct term {
	enum term_kind kind;
	uint8_t prefix; /* of networks */
	struct str value;
};

static inline bool term_eq(const struct term *a, const struct term *b)
{
	return a->kind == b->kind && a->prefix == b->prefix && str_eq(a->value, b->value);
}

struct term_list {
	struct term *list;
	size_t count;
	bool partial; /* the pattern has alternatives that are no plain value: terms find only a
	                 part */
};

/* Whether one of them is this very value. */
static inline bool terms_have(const struct term_list *terms, const struct term *t)
{
	for (size_t i = 0; i < terms->count; i++)
		if (term_eq(&terms->list[i], t))
			return true;
	return false;
}

enum { TERMS_PER_PATTERN_MAX = 10000, TERM_URL_MAX = 8192 };

/* Each term alone makes the pattern true. ERR_PARSE (not a pattern; the fault names the position),
 * ERR_UNSUPPORTED (no such term), ERR_LIMIT. A value that is not of its kind (an address 'foo')
 * can never match and counts as an alternative that is no plain value. */
MUST_USE enum err equality_terms(
    struct term_list *out, struct arena *arena, struct str pattern, struct fault *fault);

/* Whether an object path leads to values of one kind, and which: TERM_KINDS stands for the end of a
 * connection, an address or a name. */
bool equality_path(enum term_kind *kind, struct str type, struct str path);
/* A constant compared with values of such a kind, in canonical form. ERR_INVALID: it is none. */
MUST_USE enum err equality_value(
    struct term *out, struct arena *arena, enum term_kind kind, struct str text);

/* The canonical form under which a value is indexed and looked up: the one function for both. Text
 * that is not of the kind is ERR_INVALID. No refanging here. */
MUST_USE enum err term_canonical(
    struct term *out, struct arena *arena, enum term_kind kind, struct str text);

/* The text with the usual defangings undone ("hxxps[:]//evil[.]example" ...), trimmed; borrowed
 * when nothing changed. STR_NONE when memory is refused. */
struct str term_refang(struct arena *arena, struct str text);

/* Guesses what a person's text is ("hxxp://evil[.]example/x", "198.51.100.0/24", a hash) after
 * refanging. ERR_INVALID when it is none of the kinds. */
MUST_USE enum err term_guess(struct term *out, struct arena *arena, struct str text);
/* "[ipv4-addr:value = '198.51.100.3']" and so on. */
struct str term_pattern(struct arena *arena, const struct term *t);
/* The value as text again ("198.51.100.0/24", hex for hashes). */
struct str term_text(struct arena *arena, const struct term *t);
const char *term_kind_name(enum term_kind k); /* "ipv4-addr", "domain-name", "file:SHA-256" ... */
