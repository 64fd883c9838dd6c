/* SPDX-License-Identifier: Apache-2.0 */
/* `indicator release|quarantine`: a call to the core, and then the wait until the matching goes by
 * it. */
#include "cli/decision/ask.h"
#include "cli/verbs.h"

static int decide(int argc, char **argv, struct str op, const char *done)
{
	return decision_verb(argc, argv,
	    &(const struct decision_verb){.op = op,
	        .wait = S("views.wait"),
	        .done = done,
	        .why = "--reason says for good why it was decided so"});
}

int cmd_indicator_release(int argc, char **argv)
{
	return decide(argc, argv, S("release"), "released");
}

int cmd_indicator_quarantine(int argc, char **argv)
{
	return decide(argc, argv, S("quarantine"), "quarantined");
}
