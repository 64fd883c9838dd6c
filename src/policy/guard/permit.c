/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard/permit.h"

static const struct {
	uint8_t pap, action; /* the most restrictive that still allow it */
} MOST[] = {
    [PERMIT_DETECT] = {PAP_RED, IEP_INTERNAL},
    [PERMIT_BLOCK] = {PAP_GREEN, IEP_EXTERNAL_INDIRECT},
};

const char *permit_refuses(const struct label *label, enum permit_use use)
{
	if (label->unreadable)
		return "label";
	if (label->pap > MOST[use].pap)
		return "pap";
	return label->action > MOST[use].action ? "iep" : NULL;
}
