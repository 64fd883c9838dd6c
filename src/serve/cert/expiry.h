/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of the node whose end people are told of while there is time to get a new one: an
 * alarm 30, 7 and 1 days before, looked at every hour. */
#pragma once

#include "serve/role.h"

struct expiry;

struct expiry_of {
	struct node_role *role;
	const char *alarm;  /* its code */
	const char *whose;  /* "The certificate of this node's web address" */
	const char *advice; /* what to do */
};

/* Raises the alarm at once when it is due. The strings must stay. */
struct expiry *expiry_new(const struct expiry_of *of, usec expires);
/* There is another certificate now. */
void expiry_set(struct expiry *e, usec expires);
void expiry_free(struct expiry *e); /* NULL allowed */
