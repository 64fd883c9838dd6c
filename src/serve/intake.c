/* SPDX-License-Identifier: Apache-2.0 */
/* The process around intake/role.h: what reads foreign files and streams. It sees the folders of
 * its sources, the ledger and the views, can change none of them, and talks to core alone. */
#include "intake/role.h"

#include "base/mem.h"
#include "serve/role.h"
#include "sys/message.h"

struct intake_process {
	struct node_role *role;
	struct intake *intake;
	struct chan *core;
};

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct intake_process *p = ctx;

	(void)chan;
	if (intake_message(p->intake, m) != OK)
		log_event(&p->role->log, LOG_ERROR, "intake.message", LOG_NONE);
}

static void on_drained(void *ctx, struct chan *chan)
{
	struct intake_process *p = ctx;

	(void)chan;
	intake_drained(p->intake);
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct intake_process *p = ctx;

	if (p->core == chan) {
		p->core = NULL;
		intake_attach(p->intake, NULL);
	}
	chan_free(chan);
}

static void intake_peer(struct node_role *role, struct str name, int fd)
{
	struct intake_process *p = role->state;
	struct chan *old = p->core;

	(void)name;
	if (old)
		intake_attach(p->intake, NULL);
	chan_free(old);
	p->core = chan_new(&(struct chan_options){.loop = role->loop,
	    .fd = fd,
	    .message = on_message,
	    .drained = on_drained,
	    .closed = on_closed,
	    .ctx = p});
	intake_attach(p->intake, p->core);
}

/* The folder that a source's file is in: after a rotation another file has its name. */
static struct str folder_of(struct str path)
{
	size_t n = path.n;

	while (n > 1 && path.p[n - 1] != '/')
		n--;
	return str_slice(path, 0, n);
}

static enum err confine(struct node_role *role, struct fault *fault)
{
	const struct config *c = &role->config;
	struct sandbox_path paths[CONFIG_SOURCES_MAX + 3];
	size_t n = 0;

	paths[n++] = (struct sandbox_path){role_path(role, "ledger"), false};
	paths[n++] = (struct sandbox_path){role_path(role, "views"), false};
	paths[n++] = (struct sandbox_path){S("/proc/sys/kernel/random/boot_id"), false};
	for (size_t i = 0; i < c->source_count; i++)
		paths[n++] = (struct sandbox_path){folder_of(c->sources[i].path), false};
	return role_confine(role,
	    &(struct sandbox){.needs = SANDBOX_FILES, .paths = paths, .path_count = n}, fault);
}

static void figure(void *ctx, const char *name, uint64_t value)
{
	role_figure(((struct intake_process *)ctx)->role, name, value);
}

static void alarm_people(void *ctx, const char *code, const char *text)
{
	role_alarm(((struct intake_process *)ctx)->role, code, text);
}

static enum err intake_open(struct node_role *role, struct fault *fault)
{
	struct intake_process *p = mem_alloc(sizeof(*p));
	const struct intake_options options = {.loop = role->loop,
	    .env = sys_env(),
	    .log = &role->log,
	    .dir = role->dir,
	    .config = &role->config,
	    .figure = figure,
	    .alarm = alarm_people,
	    .ctx = p};

	p->role = role;
	role->state = p;
	TRY(intake_new(&p->intake, &options, fault));
	TRY(confine(role, fault));
	role_ready(role);
	return OK;
}

static void intake_stop_role(struct node_role *role)
{
	struct intake_process *p = role->state;

	intake_stop(p->intake);
	role_exit(role, 0);
}

static void intake_close(struct node_role *role)
{
	struct intake_process *p = role->state;

	if (p->intake && p->core)
		intake_attach(p->intake, NULL);
	intake_free(p->intake);
	chan_free(p->core);
	mem_free(p);
}

const struct node_role_class ROLE_INTAKE_CLASS = {.name = "intake",
    .open = intake_open,
    .peer = intake_peer,
    .stop = intake_stop_role,
    .close = intake_close};
