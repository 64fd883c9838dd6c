/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ceiling.h"

#include "stix/type.h"

enum err ceiling_read(struct ceiling *out, struct str text, struct fault *fault)
{
	*out = (struct ceiling){.set = text.p != NULL, .tlp = TLP_RED};
	return out->set ? clearance_parse(&out->tlp, &out->levels, text, fault) : OK;
}

const char *ceiling_refuses(const struct ceiling *c, uint16_t type, const struct label *l)
{
	bool unknown = label_tlp(l) == TLP_UNKNOWN;

	if (!c->set || (unknown && !l->unreadable && type == STIX_TYPE_MARKING_DEFINITION))
		return NULL;
	/* What cannot be told is above every ceiling. */
	if (l->unreadable || unknown)
		return "its label cannot be told, and so is above this node's ceiling";
	if (label_tlp(l) > c->tlp)
		return "its TLP level is above this node's ceiling";
	if (!levels_eu_within(&c->levels, &l->levels))
		return "its EU level is above this node's ceiling";
	if (!levels_nato_within(&c->levels, &l->levels))
		return "its NATO level is above this node's ceiling";
	if (!levels_national_within(&c->levels, &l->levels))
		return "its national level is above this node's ceiling";
	return NULL;
}
