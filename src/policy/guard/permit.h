/* SPDX-License-Identifier: Apache-2.0 */
/* What a label lets a sensor do with an indicator: only tell of it, or stop traffic that names it.
 * PAP 3 and IEP 2.0, read so that in doubt nothing is blocked. Pure. */
#pragma once

#include "policy/label.h"

enum permit_use { PERMIT_DETECT, PERMIT_BLOCK };

/* NULL when it may be used so; else what forbids it: "pap", "iep", "label".
 *   Detecting is passive, and nobody outside sees it: only IEP's none and contact-for-instruction
 *   forbid it. Whose traffic is stopped notices: that takes PAP:GREEN or PAP:CLEAR (or no PAP), and
 *   an IEP that lets outsiders see what is done. A label that cannot be read forbids both. */
const char *permit_refuses(const struct label *label, enum permit_use use);
