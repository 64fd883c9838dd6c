/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that runs full: writing stops while there is still room for the views to follow, people
 * are told, intake pauses; when there is room again all goes on by itself. */
#include <stdio.h>

#include "serve/core.h"
#include "sys/files.h"
#include "sys/message.h"

static const usec LOOK_EVERY = USEC_PER_SEC; /* only while the disk is full */

static void tell_intake(struct core *core)
{
	struct chan *intake = core_chan(core, CONN_INTAKE);
	uint16_t type = core->full ? MESSAGE_PAUSE : MESSAGE_RESUME;

	if (intake)
		(void)!chan_send_always(intake, &(struct chan_message){.type = type});
}

void core_space_full(void *ctx)
{
	struct core *core = ctx;
	char text[200];

	if (!core->full) {
		core->full = true;
		(void)snprintf(text, sizeof(text),
		    "The disk is full (less than %llu MB free for the ledger): nothing is taken. "
		    "Free some space; the node goes on by itself.",
		    (unsigned long long)(core->role->config.free_reserve >> 20));
		role_alarm(core->role, "disk-full", text);
		tell_intake(core);
	}
	loop_timer_set(core->space_timer, LOOK_EVERY);
}

static bool is_short(struct core *core)
{
	uint64_t space;
	struct fault fault;

	if (file_free_space(&space, core->role->dir, &fault) != OK) {
		log_event(&core->role->log, LOG_WARNING, "disk.unknown",
		    LOG_KV({"text", str_c(fault.text)}));
		return false;
	}
	return space < core->role->config.free_reserve;
}

void core_space_check(struct core *core)
{
	if (!core->full && is_short(core))
		core_space_full(core);
}

void core_space_retry(void *ctx)
{
	struct core *core = ctx;

	if (is_short(core)) {
		loop_timer_set(core->space_timer, LOOK_EVERY);
		return;
	}
	core->full = false;
	role_alarm(core->role, "disk-full", NULL);
	tell_intake(core);
	core_seal_due(core->seal);
}
