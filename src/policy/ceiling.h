/* SPDX-License-Identifier: Apache-2.0 */
/* The highest label that a node may hold at all, as its configuration says: what is above it is
 * refused before it is written. Pure. */
#pragma once

#include "policy/label.h"

struct ceiling {
	bool set; /* false: everything may be here */
	enum tlp tlp;
	struct levels levels;
};

/* As clearances are written: "TLP:RED,EU:R-UE,NATO:NC,CZ:S"; STR_NONE: none is set. Without a part
 * for TLP it is TLP:RED. A scheme that it does not name may not be here at any level. */
MUST_USE enum err ceiling_read(struct ceiling *out, struct str text, struct fault *fault);
/* NULL when an object of this type (enum stix_type_id) and label may be written here; else the
 * reason, for who sent it. A marking definition may lack a label: it says what labels are. */
const char *ceiling_refuses(const struct ceiling *c, uint16_t type, const struct label *l);
