/* SPDX-License-Identifier: Apache-2.0 */
/* Makes views/guard (view/guard/book.h) out of what [guard] of tocsin.conf names: MISP warning
 * lists, what is one's own, public suffixes. Reads foreign files, so it runs in a process that can
 * do nothing else (serve/guard/prepare.h). */
#pragma once

#include "base/err.h"
#include "sys/config.h"

struct guard_made {
	bool anew; /* false: what is there is of the same texts */
	uint64_t lists, entries, ignored;
};

/* ERR_INVALID and others name the file; what was there then stays. */
MUST_USE enum err guard_make(
    struct guard_made *out, const struct config *config, struct str views, struct fault *fault);
/* Whether [guard] own can be read. */
MUST_USE enum err guard_check_own(const struct config *config, struct fault *fault);
