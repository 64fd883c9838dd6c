/* SPDX-License-Identifier: Apache-2.0 */
/* Which TAXII resource a path names (TAXII 2.1 §4, §5). Pure, over untrusted text. The final slash
 * that the specification wants may be missing. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum taxii_resource {
	TAXII_DISCOVERY,
	TAXII_ROOT,
	TAXII_STATUS,
	TAXII_COLLECTIONS,
	TAXII_COLLECTION,
	TAXII_MANIFEST,
	TAXII_OBJECTS,
	TAXII_OBJECT,
	TAXII_VERSIONS,
	TAXII_RESOURCES,
};

struct route {
	enum taxii_resource resource;
	struct str root;       /* decoded */
	struct str collection; /* id or alias */
	struct str item;       /* id of an object or a status */
};

/* ERR_NOT_FOUND when no resource has such a path, ERR_PARSE on a broken escape. */
MUST_USE enum err route_parse(struct route *out, struct arena *arena, struct str path);
/* The methods a resource has, for Allow. */
struct str route_methods(enum taxii_resource resource);
