/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a value is seen so often here that matching it would say nothing, or stop much if it were
 * blocked. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What was seen in 24 hours. */
struct impact {
	uint64_t events;
	unsigned hosts; /* about so many */
};

/* Each 0: never. */
struct impact_limits {
	uint32_t events; /* so many of them, of however few hosts */
	uint32_t hosts;  /* or so many hosts, of those values that are seen often at all */
};

bool impact_refuses(const struct impact *seen, const struct impact_limits *limits);
/* "would have hit 41,000 events of about 312 hosts in 24 hours" */
void impact_put(struct buf *out, const struct impact *seen);
