/* SPDX-License-Identifier: Apache-2.0 */
/* Makes views/guard (view/guard/book.h) out of what [guard] of tocsin.conf names: MISP warning
 * lists, what is one's own, public suffixes; and of the active policy packs. Reads foreign files,
 * so it runs in a process that can do nothing else (serve/guard/prepare.h). */
#pragma once

#include "base/err.h"
#include "sys/config.h"

struct guard_made {
	bool anew; /* false: what is there is of the same texts */
	uint64_t lists, entries, ignored;
};

struct guard_sources {
	const struct config *config;
	struct str views; /* the folder to write into */
	struct str packs; /* that of the active policy packs; it need not be there */
};

/* ERR_INVALID and others name the file; what was there then stays. */
MUST_USE enum err guard_make(
    struct guard_made *out, const struct guard_sources *from, struct fault *fault);
/* Whether [guard] own can be read. */
MUST_USE enum err guard_check_own(const struct config *config, struct fault *fault);
