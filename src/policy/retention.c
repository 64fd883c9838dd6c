/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/retention.h"

enum err retention_set(struct retention *r, struct str name, uint32_t days, struct fault *fault)
{
	enum stix_type_id type = stix_type_of(name);

	if (str_eq(name, S("personal"))) {
		r->personal = days;
		return OK;
	}
	if (stix_type_class(type) != STIX_SDO && stix_type_class(type) != STIX_SRO)
		return fail(fault, ERR_INVALID,
		    "[retention] %.*s: not a type of domain or relationship objects of STIX 2.1",
		    STR_ARG(str_slice(name, 0, name.n < 64 ? name.n : 64)));
	r->days[type] = days;
	return OK;
}

uint32_t retention_days(const struct retention *r, uint16_t type, enum personal personal)
{
	enum stix_class class =
	    type < STIX_TYPES ? stix_type_class((enum stix_type_id)type) : STIX_CUSTOM;
	uint32_t days;

	if (class != STIX_SDO && class != STIX_SRO)
		return 0;
	days = r->days[type];
	if (personal != PERSONAL_NONE && r->personal > 0 && (days == 0 || r->personal < days))
		days = r->personal;
	return days;
}

usec retention_end(const struct retention_times *t, uint32_t days)
{
	usec from = t->valid_until ? t->valid_until : t->modified ? t->modified : t->received;

	return from + (usec)days * 86400 * USEC_PER_SEC;
}
