/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/address.h"

#include <string.h>

static const struct network PRIVATE[] = {
    {{4, {10}}, 8},
    {{4, {172, 16}}, 12},
    {{4, {192, 168}}, 16},
    {{4, {100, 64}}, 10},
    {{16, {0xfc}}, 7},
};

static const struct network NO_HOST[] = {
    {{4, {0}}, 8},
    {{4, {127}}, 8},
    {{4, {169, 254}}, 16},
    {{4, {224}}, 3}, /* multicast, what is reserved, broadcast */
    {{16, {0}}, 127},
    {{16, {0xfe, 0x80}}, 10},
    {{16, {0xff}}, 8},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

bool network_of(struct network *out, const struct term *term)
{
	size_t n = term->kind == TERM_IPV4 ? 4 : term->kind == TERM_IPV6 ? 16 : 0;

	if (n == 0 || term->value.n != n || term->prefix > 8 * n)
		return false;
	*out = (struct network){{.n = (uint8_t)n}, term->prefix};
	memcpy(out->address.b, term->value.p, n);
	return true;
}

bool address_of(struct address *out, const struct term *term)
{
	struct network net;

	if (!network_of(&net, term) || net.prefix != 8 * net.address.n)
		return false;
	*out = net.address;
	return true;
}

struct term address_term(const struct address *a)
{
	return (struct term){.kind = a->n == 4 ? TERM_IPV4 : TERM_IPV6,
	    .prefix = (uint8_t)(8 * a->n),
	    .value = address_bytes(a)};
}

struct str address_bytes(const struct address *a)
{
	return (struct str){(const char *)a->b, a->n};
}

bool address_within(const struct address *a, const struct network *net)
{
	size_t bytes = net->prefix / 8;
	unsigned bits = net->prefix % 8;

	if (a->n != net->address.n || memcmp(a->b, net->address.b, bytes) != 0)
		return false;
	return bits == 0 || (a->b[bytes] ^ net->address.b[bytes]) >> (8 - bits) == 0;
}

static bool within_any(const struct address *a, const struct network *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_within(a, &list[i]))
			return true;
	return false;
}

bool address_is_own(const struct address *a, const struct networks *own)
{
	return within_any(a, PRIVATE, COUNT(PRIVATE)) || within_any(a, own->list, own->count);
}

bool address_is_host(const struct address *a)
{
	return !within_any(a, NO_HOST, COUNT(NO_HOST)) && !(a->n == 4 && a->b[3] == 255);
}
