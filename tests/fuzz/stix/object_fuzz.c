/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "stix/check.h"
#include "stix/id.h"
#include "stix/marking.h"

static void visit(void *ctx, struct str a, struct str b)
{
	*(size_t *)ctx += a.n + b.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(64 << 20);
	struct stix_findings found;
	struct stix_object o;
	struct fault fault;
	struct str id;
	size_t bytes = 0;

	if (stix_object_parse(&o, arena, (struct str){(const char *)data, size}, &fault) == OK) {
		stix_object_refs(&o, visit, &bytes);
		stix_object_texts(&o, visit, &bytes);
		(void)stix_object_tlp(&o);
		if (stix_check(&found, arena, &o) == OK && found.count > STIX_FINDINGS_MAX)
			abort();
		if (stix_sco_id(&id, arena, (enum stix_type_id)o.type, o.root, &fault) == OK &&
		    id.n > STIX_ID_MAX)
			abort();
	}
	arena_free(arena);
	return 0;
}
