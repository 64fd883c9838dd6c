/* SPDX-License-Identifier: Apache-2.0 */
/* Readers as values: what is added to them, and when two are the same. */
#include <string.h>

#include "policy/decide.h"

enum err reader_add_self(struct reader *r, struct str text)
{
	struct name name;
	size_t n = r->self_n;

	TRY(name_encode(&name, text));
	TRY(names_add(r->self, &n, sizeof(r->self), &name));
	r->self_n = (uint8_t)n;
	return OK;
}

static enum err add_name(struct reader_names *names, struct str text)
{
	struct name name;
	size_t n = names->n;

	TRY(name_encode(&name, text));
	TRY(names_add(names->set, &n, sizeof(names->set), &name));
	names->n = (uint16_t)n;
	return OK;
}

enum err reader_add_organisation(struct reader *r, struct str name)
{
	return add_name(&r->organisations, name);
}

enum err reader_add_tag(struct reader *r, struct str name)
{
	return add_name(&r->tags, name);
}

enum err reader_add_community(
    struct reader *r, struct str text, const struct reader_community *terms)
{
	struct reader_community *c;
	struct name name;
	size_t at = 0;
	int order = -1;

	TRY(name_encode(&name, text));
	if (r->community_count == READER_COMMUNITIES_MAX ||
	    name.n > sizeof(r->community_names) - r->community_names_n)
		return ERR_LIMIT;
	/* In the order of names; a name that is there already keeps its terms. */
	for (; at < r->community_count; at++) {
		c = &r->communities[at];
		order = names_compare((struct str){r->community_names + c->at, c->n},
		    (struct str){name.bytes, name.n});
		if (order >= 0)
			break;
	}
	if (order == 0)
		return OK;
	c = &r->communities[at];
	memmove(c + 1, c, (r->community_count - at) * sizeof(*c));
	*c = *terms;
	c->at = r->community_names_n;
	c->n = name.n;
	memcpy(r->community_names + c->at, name.bytes, name.n);
	r->community_names_n = (uint16_t)(r->community_names_n + name.n);
	r->community_count++;
	return OK;
}

struct reader reader_only_in(const struct reader *r, struct str text)
{
	struct reader out = *r;
	struct name name;

	out.community_count = 0;
	if (name_encode(&name, text) != OK)
		return out;
	for (size_t i = 0; i < r->community_count; i++) {
		const struct reader_community *c = &r->communities[i];

		if (c->n != name.n || memcmp(r->community_names + c->at, name.bytes, name.n) != 0)
			continue;
		out.communities[0] = *c;
		out.community_count = 1;
	}
	return out;
}

void reader_set_identity(struct reader *r, const struct uuid *identity)
{
	struct name name = name_of_identity(identity);
	size_t n = r->self_n;

	r->has_identity = true;
	r->identity = *identity;
	/* Names it goes by are few; without room it is known by its identity all the same. */
	if (names_add(r->self, &n, sizeof(r->self), &name) == OK)
		r->self_n = (uint8_t)n;
}

static bool same_bytes(const void *a, size_t a_n, const void *b, size_t b_n)
{
	return a_n == b_n && (a_n == 0 || memcmp(a, b, a_n) == 0);
}

static bool same_levels(const struct levels *a, const struct levels *b)
{
	return levels_dominate(a, b) && levels_dominate(b, a);
}

static bool same_communities(const struct reader *a, const struct reader *b)
{
	if (a->community_count != b->community_count ||
	    !same_bytes(
	        a->community_names, a->community_names_n, b->community_names, b->community_names_n))
		return false;
	for (size_t i = 0; i < a->community_count; i++) {
		const struct reader_community *x = &a->communities[i], *y = &b->communities[i];

		if (x->types != y->types || x->expires != y->expires || x->ceiling != y->ceiling ||
		    x->withheld != y->withheld || x->closed != y->closed || x->at != y->at ||
		    x->n != y->n)
			return false;
	}
	return true;
}

bool policy_same_reader(const struct reader *a, const struct reader *b)
{
	return a->kind == b->kind && a->own == b->own && a->clearance == b->clearance &&
	       a->has_identity == b->has_identity && uuid_eq(&a->identity, &b->identity) &&
	       uuid_eq(&a->node, &b->node) && same_levels(&a->levels, &b->levels) &&
	       same_bytes(a->self, a->self_n, b->self, b->self_n) &&
	       same_bytes(a->organisations.set, a->organisations.n, b->organisations.set,
	           b->organisations.n) &&
	       same_bytes(a->tags.set, a->tags.n, b->tags.set, b->tags.n) && same_communities(a, b);
}

usec policy_label_until(const struct label *label, usec now)
{
	return label->has_expiry && label->expires > now ? label->expires : INT64_MAX;
}

usec policy_reader_until(const struct reader *reader, usec now)
{
	usec until = INT64_MAX;

	for (size_t i = 0; i < reader->community_count; i++) {
		usec at = reader->communities[i].expires;

		if (at > now && at < until)
			until = at;
	}
	return until;
}
