/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: what a record may be shown to, and what may be done with it, as one small value, and the
 * lattice that they form: join gives the least label that is at least as restrictive as both. Pure;
 * who may see what is policy/decide.h. The meaning of each part: doc/labels.md. TLP 2.0, PAP 3,
 * IEP 2.0. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "policy/level.h"
#include "policy/names.h"
#include "stix/marking.h"

/* Each ordered: a higher value restricts more, 0 says nothing. */
enum pap { PAP_NONE, PAP_CLEAR, PAP_GREEN, PAP_AMBER, PAP_RED, PAPS };
enum iep_action {
	IEP_ANY,
	IEP_EXTERNAL_DIRECT,
	IEP_EXTERNAL_INDIRECT,
	IEP_INTERNAL,
	IEP_CONTACT,
	IEP_NOTHING,
	IEP_ACTIONS,
};
enum iep_notify { NOTIFY_ANY, NOTIFY_MAY, NOTIFY_MUST_NOT, NOTIFIES };
enum iep_attribution {
	ATTRIBUTION_ANY,
	ATTRIBUTION_MAY,
	ATTRIBUTION_MUST,
	ATTRIBUTION_MUST_NOT,
	ATTRIBUTIONS,
};
/* Which other nodes get what names nobody: a label's level says (label_outside), and what was
 * joined into it may say more. */
enum outside { OUTSIDE_ANY, OUTSIDE_MEMBERS, OUTSIDE_NOBODY };
enum personal { PERSONAL_NONE, PERSONAL_PRESENT, PERSONAL_SPECIAL, PERSONALS };
/* How soon it is to be where it goes. It restricts nothing; of two the higher counts. */
enum precedence {
	PRECEDENCE_ROUTINE,
	PRECEDENCE_PRIORITY,
	PRECEDENCE_IMMEDIATE,
	PRECEDENCE_FLASH,
	PRECEDENCES,
};

/* Of the encoded label's 255 bytes: what the names of an audience (releasable_to and communities
 * together) and of need-to-know tags may take. With these every label has room. */
enum { LABEL_AUDIENCE_MAX = 119, LABEL_TAGS_MAX = 60, LABEL_ENCODED_MAX = 255 };
enum { LABEL_HOPS_MAX = 254, LABEL_HOPS_ANY = 255 };
#define LABEL_EXPIRES_MAX (INT64_C(253402300800) * USEC_PER_SEC) /* the year 10000 */

/* present and empty: nobody. Bytes of policy/names.h. */
struct label_names {
	bool present;
	uint8_t n;
	char set[LABEL_AUDIENCE_MAX];
};

struct label {
	enum tlp tlp; /* TLP_NONE only beside another level; without any: TLP_UNKNOWN */
	struct levels levels;
	/* Holds restrictions that cannot be told: nobody but the operator sees it. */
	bool unreadable;
	bool exercise;
	uint8_t outside; /* enum outside, of parts that were joined into it */
	uint8_t pap, action, notify, attribution, personal, precedence;
	uint8_t hops_less; /* LABEL_HOPS_ANY minus how many more nodes may relay it */
	bool has_expiry, has_originator;
	usec expires;                   /* after it, only readers of this node */
	struct uuid originator;         /* of an identity, which always may see its own */
	struct label_names releasable;  /* the reader must be one of them or belong to one */
	struct label_names communities; /* the reader must be in one of them */
	uint8_t tags_n;                 /* the reader must hold all of them */
	char tags[LABEL_TAGS_MAX];
};

/* The TLP level that counts: one that is not known is TLP_UNKNOWN, and so is none at all. */
enum tlp label_tlp(const struct label *l);
/* Which peers may get it beyond who is named: a part of it may name nobody. */
enum outside label_outside(const struct label *l);
/* How many more nodes may relay it; LABEL_HOPS_ANY: no limit. */
uint8_t label_hops(const struct label *l);
void label_set_hops(struct label *l, uint8_t hops);

struct str label_releasable(const struct label *l);
struct str label_communities(const struct label *l);
struct str label_tags(const struct label *l);
/* Make the audience present; STR_NONE adds nobody. ERR_INVALID for what is no name
 * (policy/names.h), ERR_LIMIT when the label has no room for it. */
MUST_USE enum err label_add_releasable(struct label *l, struct str name);
MUST_USE enum err label_add_community(struct label *l, struct str name);
MUST_USE enum err label_add_tag(struct label *l, struct str name);

/* The bytes kept in a record: a version byte, then fields of {tag, length, value}. Returns their
 * count. */
size_t label_encode(const struct label *l, char out[LABEL_ENCODED_MAX]);
/* Whatever label_encode would not have written decodes to the most restrictive label: a field that
 * this program does not know may be a restriction. It never fails. */
struct label label_decode(struct str bytes);
/* TLP_UNKNOWN and unreadable. */
struct label label_most_restrictive(void);

/* The least label that is at least as restrictive as both (what derived data carries). */
struct label label_join(const struct label *a, const struct label *b);
bool label_equal(const struct label *a, const struct label *b);
/* Whether a is at least as restrictive as b in every part; precedence restricts nothing. */
bool label_dominates(const struct label *a, const struct label *b);
/* The label of an object: its own markings, else the default (of the source, of --label), else the
 * most restrictive level. A default never lowers what the markings say. */
struct label label_of(enum tlp markings, const struct label *fallback);

/* Whether it is classified or names an audience, tags, a limit: more than a TLP level. */
bool label_is_plain(const struct label *l);
/* Names who made the object, "identity--UUID", as the originator when it has none: who made it may
 * see it whatever audience it names. Anything else is nobody. */
void label_name_originator(struct label *l, struct str by);
/* Whether it goes to peers ahead of everything else: immediate or flash. */
bool label_is_urgent(const struct label *l);
/* What a person reads: "TLP:AMBER, EU-S, releasable to: cz, milcert; need to know: op-x". */
void label_put(struct buf *out, const struct label *l);

struct str pap_name(uint8_t pap);      /* "PAP:AMBER"; "" for none */
struct str iep_action_name(uint8_t a); /* "internally-visible"; "" for any */
struct str iep_notify_name(uint8_t n); /* "must-not" */
struct str iep_attribution_name(uint8_t a);
struct str personal_name(uint8_t p);
struct str precedence_name(uint8_t p); /* "flash" */
/* The value of a word, with or without "PAP:"; false when it is none. */
bool pap_of_name(uint8_t *out, struct str name);
bool iep_action_of_name(uint8_t *out, struct str name);
bool iep_notify_of_name(uint8_t *out, struct str name);
bool iep_attribution_of_name(uint8_t *out, struct str name);
bool personal_of_name(uint8_t *out, struct str name);
bool precedence_of_name(uint8_t *out, struct str name);
