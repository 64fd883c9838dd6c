/* SPDX-License-Identifier: Apache-2.0 */
/* What the detectors came to, since the core process started; people see it. */
#pragma once

/* First one for each detector, in their order: findings taken, newer versions too. */
enum { FINDING_DROPPED = 6, FINDING_CROWDED, FINDING_FIGURES };

struct finding_figure {
	const char *name;     /* by which the node's status has it, with FINDING_PREFIX */
	const char *detector; /* NULL: it is of none */
};

#define FINDING_PREFIX "findings_"

extern const struct finding_figure FINDING_FIGURE[FINDING_FIGURES];
