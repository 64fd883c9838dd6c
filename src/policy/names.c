/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/names.h"

#include <string.h>

#include "base/rd.h"

/* An element is its length and its bytes in lower case, or 0 and the UUID of an identity. Elements
 * are ordered by these bytes. */
static const char IDENTITY[] = "identity--";
enum { IDENTITY_PREFIX = sizeof(IDENTITY) - 1, IDENTITY_ENCODED = 17 };

static bool may_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	       c == ':' || c == '+' || c == '-';
}

struct name name_of_identity(const struct uuid *identity)
{
	struct name out = {.n = IDENTITY_ENCODED};

	memcpy(out.bytes + 1, identity->b, sizeof(identity->b));
	return out;
}

enum err name_encode(struct name *out, struct str text)
{
	struct name name = {0};
	struct uuid uuid;
	struct str id = {name.bytes + 1, text.n};

	if (text.n == 0 || text.n > POLICY_NAME_MAX)
		return ERR_INVALID;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (!may_name(c))
			return ERR_INVALID;
		name.bytes[1 + i] = c;
	}
	if (str_starts(id, str_c(IDENTITY)) &&
	    uuid_parse(&uuid, str_from(id, IDENTITY_PREFIX)) == OK) {
		*out = name_of_identity(&uuid);
		return OK;
	}
	name.bytes[0] = (char)text.n;
	name.n = (uint8_t)(text.n + 1);
	*out = name;
	return OK;
}

/* Cuts the first element off; empty at the end and where the bytes are no set. */
struct str names_cut(struct str *rest)
{
	size_t n = 0;
	struct str out;

	if (rest->n)
		n = rest->p[0] ? (size_t)(unsigned char)rest->p[0] + 1 : IDENTITY_ENCODED;
	if (n > rest->n)
		n = 0;
	out = (struct str){rest->p, n};
	*rest = n ? str_from(*rest, n) : STR_NONE;
	return out;
}

int names_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool names_valid(struct str set)
{
	struct str before = STR_NONE;

	while (set.n) {
		struct str at = names_cut(&set);
		struct name again;

		if (at.n == 0 || (before.n && names_compare(before, at) >= 0))
			return false;
		before = at;
		if (at.p[0] == 0)
			continue;
		/* Only the one form that name_encode gives. */
		if (name_encode(&again, str_from(at, 1)) != OK ||
		    names_compare((struct str){again.bytes, again.n}, at) != 0)
			return false;
	}
	return true;
}

/* What a walk through two sets at once tells of each element. */
enum side { LEFT = 1, RIGHT = 2, BOTH = 3 };

struct pair {
	struct str a, b; /* what is left */
	struct str left, right;
};

static struct pair pair_of(struct str a, struct str b)
{
	struct pair p = {.a = a, .b = b};

	p.left = names_cut(&p.a);
	p.right = names_cut(&p.b);
	return p;
}

/* The least element left and where it is; 0 at the end. */
static enum side step(struct pair *p, struct str *out)
{
	enum side side;
	int c;

	if (p->left.n == 0 && p->right.n == 0)
		return (enum side)0;
	c = p->left.n == 0 ? 1 : p->right.n == 0 ? -1 : names_compare(p->left, p->right);
	side = c < 0 ? LEFT : c > 0 ? RIGHT : BOTH;
	*out = c <= 0 ? p->left : p->right;
	if (side & LEFT)
		p->left = names_cut(&p->a);
	if (side & RIGHT)
		p->right = names_cut(&p->b);
	return side;
}

bool names_meet(struct str a, struct str b)
{
	struct pair p = pair_of(a, b);
	struct str at;
	enum side side;

	while ((side = step(&p, &at)) != 0)
		if (side == BOTH)
			return true;
	return false;
}

bool names_hold(struct str set, struct str names)
{
	struct pair p = pair_of(set, names);
	struct str at;
	enum side side;

	while ((side = step(&p, &at)) != 0)
		if (side == RIGHT)
			return false;
	return true;
}

bool names_have(struct str set, const struct name *name)
{
	return names_meet(set, (struct str){name->bytes, name->n});
}

/* Those elements that stand on at least the sides of `mask`, or on any when it is 0. */
static size_t merge(char *out, size_t room, struct pair p, enum side mask)
{
	struct str at;
	enum side side;
	size_t n = 0;

	while ((side = step(&p, &at)) != 0) {
		if ((side & mask) != mask)
			continue;
		if (at.n > room - n)
			return SIZE_MAX;
		memcpy(out + n, at.p, at.n);
		n += at.n;
	}
	return n;
}

size_t names_union(char *out, size_t room, struct str a, struct str b)
{
	return merge(out, room, pair_of(a, b), (enum side)0);
}

size_t names_intersection(char *out, size_t room, struct str a, struct str b)
{
	return merge(out, room, pair_of(a, b), BOTH);
}

enum err names_add(char *set, size_t *n, size_t room, const struct name *name)
{
	struct str whole = {set, *n}, rest = whole, added = {name->bytes, name->n};
	size_t at = 0;

	while (rest.n) {
		struct str element = names_cut(&rest);
		int c = names_compare(element, added);

		if (c == 0)
			return OK;
		if (c > 0)
			break;
		at += element.n;
	}
	if (added.n > room - *n)
		return ERR_LIMIT;
	memmove(set + at + added.n, set + at, *n - at);
	memcpy(set + at, added.p, added.n);
	*n += added.n;
	return OK;
}

bool names_next(struct str *rest, struct buf *out)
{
	struct str at = names_cut(rest);
	struct uuid uuid;
	char text[UUID_TEXT + 1];

	if (at.n == 0)
		return false;
	if (at.p[0]) {
		buf_put(out, str_from(at, 1));
		return true;
	}
	memcpy(uuid.b, at.p + 1, sizeof(uuid.b));
	uuid_format(text, &uuid);
	buf_printf(out, "%s%s", IDENTITY, text);
	return true;
}

void names_put(struct buf *out, struct str set)
{
	for (size_t n = 0; set.n; n++) {
		if (n)
			buf_put(out, S(", "));
		if (!names_next(&set, out))
			return;
	}
}
