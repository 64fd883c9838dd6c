/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as the detectors keep them, and which of them are the organisation's own: those of
 * private use, and the networks it names. Pure. RFC 1918, 4193, 6598. */
#pragma once

#include <stdbool.h>

#include "stix/equality.h"

enum { ADDRESS_MAX = 16, NETWORKS_MAX = 64 };

struct address {
	uint8_t n; /* 4 or 16; 0: none */
	unsigned char b[ADDRESS_MAX];
};

struct network {
	struct address address;
	uint8_t prefix;
};

struct networks {
	size_t count;
	struct network list[NETWORKS_MAX];
};

/* False when it is neither address nor network. */
bool network_of(struct network *out, const struct term *term);
/* False when it is no single address. */
bool address_of(struct address *out, const struct term *term);
struct term address_term(const struct address *a); /* borrowed */
struct str address_bytes(const struct address *a);
bool address_within(const struct address *a, const struct network *net);
/* Of private use, or in one of the networks. */
bool address_is_own(const struct address *a, const struct networks *own);
/* One host, and none that is spoken to by everybody by nature (multicast, broadcast, loopback,
 * link-local). */
bool address_is_host(const struct address *a);
