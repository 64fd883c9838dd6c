/* SPDX-License-Identifier: Apache-2.0 */
/* What no indicator may name unseen, because matching it would hit nearly everything or what
 * everybody uses. Pure; the tables are part of the program. */
#pragma once

#include "stix/equality.h"

/* NULL when nothing speaks against arming the value; else why not, as people read it. */
const char *guard_refuses(const struct term *t);
/* The first of them that is refused, with the reason; NULL when there is none. */
const struct term *guard_refused(const struct term_list *terms, const char **reason);
