/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/how.h"

#include "intake/hunt/sweep.h"
#include "intake/live/arms.h"
#include "stix/equality.h"

static struct str why_not_hunted(struct arena *arena, struct str pattern)
{
	struct fault fault = {.code = OK};

	return sweeps_takes(pattern, &fault) == OK ? STR_NONE : arena_str(arena, str_c(fault.text));
}

void live_how(struct live_how *out, struct arena *arena, struct str pattern, bool active)
{
	struct fault fault = {.code = OK};
	struct arm_verdict verdict;
	struct term_list terms;
	enum err rc = equality_terms(&terms, arena, pattern, &fault);

	*out = (struct live_how){S("no"), STR_NONE, STR_NONE};
	if (rc == ERR_UNSUPPORTED || (rc == OK && terms.partial))
		out->hunted = why_not_hunted(arena, pattern);
	if (!active)
		return;
	if (rc == OK && !terms.partial) {
		out->matched = S("values");
		return;
	}
	if (rc != OK && rc != ERR_UNSUPPORTED) {
		out->reason = arena_str(arena, str_c(fault.text));
		return;
	}
	arm_judge(&verdict, arena, pattern);
	out->reason = verdict.reason;
	if (verdict.state == ARM_LIVE)
		out->matched = rc == OK ? S("both") : S("events");
	else if (rc == OK)
		out->matched = S("values");
}
