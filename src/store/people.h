/* SPDX-License-Identifier: Apache-2.0 */
/* Names of accounts, beside the ledger and no part of it: records know an account by an id that
 * says nothing, so that who it was can be forgotten while every record stays as it was signed
 * (Regulation (EU) 2016/679, article 17). "people/accounts" of the node directory has a line for
 * each: "ID TAB NAME TAB KEY TAB SUBJECT LF". SUBJECT is whom the identity provider knows, or
 * nothing; the ledger has only its digest under KEY, and so has the last word on who it is. What an
 * account may is never here. Core writes, everybody else reads. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "crypt/digest.h"

enum { PEOPLE_MAX = 65536 };

struct named {
	struct str id, name;
	struct str subject; /* empty: none */
	struct sha256 key;
};

struct people;

/* No file is no names. ERR_CORRUPT names the line that is none. */
MUST_USE enum err people_open(struct people **out, struct str node_dir, struct fault *fault);
void people_close(struct people *n); /* NULL allowed */
/* Reads again what somebody else may have written; what cannot be read leaves all as it was. What
 * was borrowed from it before is gone. */
void people_renew(struct people *n);

/* NULL: there is none. Borrowed until they change. */
const struct named *people_by_id(const struct people *n, struct str id);
const struct named *people_by_name(const struct people *n, struct str name);
const struct named *people_by_subject(const struct people *n, struct str subject);
/* The name of an account, in place of its id; the id itself when it has none, or none any more.
 * Borrowed. */
struct str people_name(const struct people *n, struct str id);
/* The other way around: accounts without a name are called by their id. */
struct str people_id(const struct people *n, struct str name);
/* The same for sources, which for accounts are "api:ID" and "taxii:ID"; others stay as they are. In
 * the arena or borrowed. */
struct str people_source_name(const struct people *n, struct arena *arena, struct str source);
struct str people_source_id(const struct people *n, struct arena *arena, struct str source);
/* A JSON text in which each string that is an id is the name instead. In the arena; STR_NONE when
 * it refuses. */
struct str people_in_json(const struct people *n, struct arena *arena, struct str json);
/* Whether a text has the form of an id that people_add gives: nobody may be named so. */
bool people_is_id(struct str text);
/* What of the subject the ledger keeps, there in hexadecimal, and whether that is of this one. */
struct sha256 people_digest(const struct named *named, struct str issuer);
bool people_digest_is(const struct named *named, struct str issuer, struct str kept);
/* What a name or subject may be: 1 to PEOPLE_FIELD_MAX bytes, none of them controls. */
enum { PEOPLE_FIELD_MAX = 255 };
bool people_is_field(struct str text);

/* The id under which a name is known from now on, durably: the one that it has, or a new one.
 * Borrowed. ERR_LIMIT past PEOPLE_MAX. */
MUST_USE enum err people_add(
    struct people *n, struct str name, struct str *id, struct fault *fault);
/* Whom an identity provider knows as this account; an empty subject: nobody. */
MUST_USE enum err people_link(
    struct people *n, struct str id, struct str subject, struct fault *fault);
/* Name, subject and key are gone from the file. ERR_NOT_FOUND. */
MUST_USE enum err people_forget(struct people *n, struct str id, struct fault *fault);
