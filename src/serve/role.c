/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/role.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "http/text.h"
#include "intake/analytics/settings.h"
#include "ops/ops.h"
#include "policy/ceiling.h"
#include "sys/files.h"
#include "sys/message.h"
#include "sys/role.h"
#include "view/guard/make.h"
#include "view/life/settings.h"

enum { ROLE_ARENA_MAX = 16 << 20, ALARM_TEXT_MAX = 1024 };

const struct node_role_class *const NODE_ROLES[] = {&ROLE_SIGNER_CLASS, &ROLE_CORE_CLASS,
    &ROLE_INTAKE_CLASS, &ROLE_LINK_CLASS, &ROLE_SIGNIN_CLASS, &ROLE_FRONT_CLASS, NULL};

void role_exit(struct node_role *role, int code)
{
	if (role->code == 0)
		role->code = code;
	loop_stop(role->loop);
}

struct str role_path(struct node_role *role, const char *name)
{
	return file_join(role->arena, role->dir, name);
}

static void on_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct node_role *role = ctx;
	int fd = m->fd_count > 0 ? m->fds[0] : -1;

	if (m->type == MESSAGE_PEER && fd >= 0 && role->class->peer) {
		m->fds[0] = -1;
		role->class->peer(role, m->body, fd);
	} else if (m->type == MESSAGE_LISTEN && fd >= 0 && m->body.n == 1 && role->class->listen) {
		m->fds[0] = -1;
		role->class->listen(role, (enum role_listener)m->body.p[0], fd);
	} else if (m->type == MESSAGE_RELOAD && role->class->reload) {
		role->class->reload(role, m->fds, m->fd_count);
	} else if (m->type == MESSAGE_ASK) {
		(void)!chan_send_always(c, &(struct chan_message){.type = MESSAGE_ANSWER});
	} else if (m->type == MESSAGE_STOP) {
		if (role->class->stop)
			role->class->stop(role);
		else
			role_exit(role, 0);
	} else {
		log_event(&role->log, LOG_ERROR, "role.message", LOG_NONE);
		role_exit(role, 1);
	}
}

/* Without a supervisor nobody restarts, pairs or stops this process: it goes too. */
static void on_closed(void *ctx, struct chan *c)
{
	struct node_role *role = ctx;

	(void)c;
	role_exit(role, 1);
}

enum err role_confine(struct node_role *role, const struct sandbox *sandbox, struct fault *fault)
{
	struct sandbox_report r;
	char landlock[16];
	bool shut;

	TRY(sandbox_enter(&r, sandbox, fault));
	(void)snprintf(landlock, sizeof(landlock), "%d", r.landlock);
	shut = r.files_refused && r.exec_refused &&
	       (r.socket_refused || (sandbox->needs & SANDBOX_DIAL));
	log_event(&role->log, shut ? LOG_INFO : LOG_WARNING, "role.sandbox",
	    LOG_KV({"landlock", str_c(landlock)}, {"seccomp", r.seccomp ? S("yes") : S("no")},
	        {"files", r.files_refused ? S("refused") : S("open")},
	        {"sockets", r.socket_refused ? S("refused") : S("open")},
	        {"exec", r.exec_refused ? S("refused") : S("open")}));
	if (r.seccomp && r.landlock == 0)
		role_alarm(role, "no-landlock",
		    "This kernel has no Landlock: the roles' files are not fenced in.");
	return OK;
}

void role_ready(struct node_role *role)
{
	/* A supervisor that is gone is noticed by on_closed. */
	(void)!chan_send_always(role->supervisor, &(struct chan_message){.type = MESSAGE_READY});
}

void role_alarm(struct node_role *role, const char *code, const char *text)
{
	struct buf b;

	buf_init(&b, ALARM_TEXT_MAX);
	buf_put(&b, str_c(code));
	buf_byte(&b, '\0');
	buf_put(&b, str_slice(str_c(text), 0, ALARM_TEXT_MAX / 2));
	log_event(&role->log, text ? LOG_ALERT : LOG_INFO, text ? "alarm.on" : "alarm.off",
	    LOG_KV({"code", str_c(code)}, {"text", text ? str_c(text) : S("")}));
	(void)!chan_send_always(
	    role->supervisor, &(struct chan_message){.type = MESSAGE_ALARM, .body = buf_str(&b)});
	buf_free(&b);
}

void role_figure(struct node_role *role, const char *name, uint64_t value)
{
	struct buf b;

	buf_init(&b, ALARM_TEXT_MAX);
	buf_u64(&b, value);
	buf_put(&b, str_c(name));
	(void)!chan_send_always(
	    role->supervisor, &(struct chan_message){.type = MESSAGE_FIGURE, .body = buf_str(&b)});
	buf_free(&b);
}

static const struct node_role_class *class_of(const char *name)
{
	for (const struct node_role_class *const *c = NODE_ROLES; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

static void ignore_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

	/* The supervisor says when to stop, in the right order; a terminal's ^C goes to all. */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
}

static enum err check_oidc(const struct config *config, struct fault *fault)
{
	struct http_url url;

	if (!config->oidc_issuer.p)
		return OK;
	if (http_url_parse(&url, config->oidc_issuer) != OK ||
	    str_find(config->oidc_issuer, '?') < config->oidc_issuer.n)
		return fail(fault, ERR_INVALID,
		    "tocsin.conf: [oidc] issuer: must be an address like https://HOST/PATH");
	if (!config->oidc_client_id.p || !config->oidc_client_secret_file.p)
		return fail(fault, ERR_INVALID,
		    "tocsin.conf: [oidc]: with an issuer there must be a client_id and a "
		    "client_secret_file");
	return OK;
}

enum err role_config_check(const struct config *config, struct fault *fault)
{
	struct fault why = {.code = OK};
	struct life_settings life;
	struct ceiling ceiling;
	unsigned roles;

	if (role_list(&roles, config->totp_required, &why) != OK)
		return fail(
		    fault, ERR_INVALID, "tocsin.conf: [accounts] totp_required: %s", why.text);
	if (ceiling_read(&ceiling, config->ceiling, &why) != OK)
		return fail(fault, ERR_INVALID, "tocsin.conf: [node] ceiling: %s", why.text);
	TRY(check_oidc(config, fault));
	if (guard_check_own(config, &why) != OK)
		return fail(fault, ERR_INVALID, "tocsin.conf: [guard] %s", why.text);
	TRY(analytics_settings_check(config, fault));
	if (config->pkcs11_module.p && (!config->pkcs11_token.p || !config->pkcs11_pin_file.p))
		return fail(fault, ERR_INVALID,
		    "tocsin.conf: [keys]: with a pkcs11_module there must be a pkcs11_token and a "
		    "pin_file");
	if (ops_list_check(config->two_person, &why) != OK)
		return fail(fault, ERR_INVALID, "tocsin.conf: [accounts] two_person: %s", why.text);
	return life_settings_of(&life, config, fault);
}

static enum err start(struct node_role *role, struct fault *fault)
{
	TRY(loop_new(&role->loop, fault));
	role->supervisor = chan_new(&(struct chan_options){.loop = role->loop,
	    .fd = ROLE_FD,
	    .body_max = 64 << 10,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = role});
	TRY(config_read(&role->config, role->arena, role->dir, fault));
	TRY(role_config_check(&role->config, fault));
	return role->class->open(role, fault);
}

int role_main(const char *name, const char *dir, bool quiet)
{
	struct node_role role = {.class = class_of(name), .dir = str_c(dir)};
	struct fault fault;
	char title[32];
	enum err rc;

	if (!role.class)
		return 2;
	ignore_signals();
	(void)snprintf(title, sizeof(title), "tocsin-%s", name);
	(void)prctl(PR_SET_NAME, title, 0, 0, 0);
	role.arena = arena_new(ROLE_ARENA_MAX);
	role.log = (struct log){.env = sys_env(),
	    .role = str_c(name),
	    .level = quiet ? LOG_WARNING : LOG_INFO,
	    .fd = 2};
	rc = start(&role, &fault);
	if (rc == OK)
		rc = loop_run(role.loop, &fault);
	if (rc != OK) {
		log_event(&role.log, LOG_ERROR, "role.failed",
		    LOG_KV({"error", str_c(err_name(rc))}, {"text", str_c(fault.text)}));
		role.code = 2;
	}
	if (role.state)
		role.class->close(&role);
	chan_free(role.supervisor);
	loop_free(role.loop);
	arena_free(role.arena);
	return role.code;
}
