/* SPDX-License-Identifier: Apache-2.0 */
/* What no indicator may name unseen, because matching it would hit nearly everything or what
 * everybody uses. Pure; the tables are part of the program. What operators add: policy/guard/. */
#pragma once

#include "stix/equality.h"

/* Why an indicator is kept back; the names are what status, metrics and the API count by. */
enum guard_class {
	GUARD_NONE,
	GUARD_WIDE,     /* a network of too many addresses */
	GUARD_RESERVED, /* reserved, private or local: no attacker's */
	GUARD_SUFFIX,   /* names of many owners are below it */
	GUARD_COMMON,   /* a service, a name server or a file that everybody has */
	GUARD_LIST,     /* on a warning list */
	GUARD_OWN,      /* the organisation's own */
	GUARD_IMPACT,   /* seen too often lately */
	GUARD_PERSON,   /* a person put it there */
	GUARD_UNJUDGED, /* too large to be judged */
	GUARD_CLASSES,
};

const char *guard_class_name(enum guard_class c); /* "too-wide" ... */
/* GUARD_NONE for what is no such name. */
enum guard_class guard_class_of(struct str name);

/* NULL when nothing speaks against arming the value; else why not, as people read it. */
const char *guard_refuses(const struct term *t, enum guard_class *class);
/* The host of a canonical URL, or only of one that is nothing but a front page; STR_NONE. An IPv6
 * address without its brackets. */
struct str guard_url_host(struct str url, bool front_only);
/* When that is an address of IPv4: its bytes. */
bool guard_url_address(uint8_t out[16], struct str host, unsigned *n);
