/* SPDX-License-Identifier: Apache-2.0 */
/* The role that talks to the identity provider, over HTTPS and to its port alone. What comes from
 * there is read here, where there are no keys and no files; of the node it knows the client's
 * secret, and what front asks: where people are to be sent (`oidc.look`), and whom the provider
 * means with a code (`oidc.take`). Who may sign in is front's to find in the ledger. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "crypt/tls_client.h"
#include "http/text.h"
#include "oidc/client.h"
#include "serve/role.h"
#include "sys/files.h"
#include "sys/message.h"
#include "sys/rpc_chan.h"

enum { PEM_MAX = 4 << 20, SECRET_MAX = 4096, CALL_ARENA_MAX = 1 << 20, DNS_PORT = 53 };

struct signin {
	struct node_role *role;
	struct ssl_ctx_st *tls;
	struct str secret;
	struct oidc_client *client;
	struct chan *front;
	uint64_t front_number; /* of the channel: answers to one that is gone are dropped */
	struct arena *arena;   /* of one call */
};

struct asked {
	struct signin *s;
	uint64_t front_number, id;
};

static void answer(void *ctx, enum err rc, struct str text)
{
	struct asked *asked = ctx;
	struct signin *s = asked->s;

	if (s->front && s->front_number == asked->front_number &&
	    rpc_reply_send(s->front, asked->id, rc, text) != OK)
		log_event(&s->role->log, LOG_ERROR, "signin.unanswered", LOG_NONE);
	mem_free(asked);
}

static void take(struct signin *s, const struct rpc_call *call, struct asked *asked)
{
	struct oidc_code code;
	yyjson_val *args;

	arena_reset(s->arena);
	if (json_parse(&args, s->arena, call->args, &JSON_LIMITS_OBJECT, NULL) != OK) {
		answer(asked, ERR_PARSE, S("not a sign-in"));
		return;
	}
	code = (struct oidc_code){.code = json_get_str(args, "code"),
	    .verifier = json_get_str(args, "verifier"),
	    .nonce = json_get_str(args, "nonce"),
	    .redirect = json_get_str(args, "redirect")};
	if (code.code.p && code.verifier.p && code.nonce.p && code.redirect.p)
		oidc_client_take(s->client, &code, answer, asked);
	else
		answer(asked, ERR_PARSE, S("not a sign-in"));
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct signin *s = ctx;
	struct rpc_call call;
	struct asked *asked;
	struct fault fault;

	(void)chan;
	if (rpc_call_read(&call, m, &fault) != OK) {
		log_event(&s->role->log, LOG_ERROR, "signin.message",
		    LOG_KV({"text", str_c(fault.text)}));
		return;
	}
	asked = mem_alloc(sizeof(*asked));
	*asked = (struct asked){.s = s, .front_number = s->front_number, .id = m->id};
	if (str_eq(call.op, S("oidc.look")))
		oidc_client_look(s->client, answer, asked);
	else if (str_eq(call.op, S("oidc.take")))
		take(s, &call, asked);
	else
		answer(asked, ERR_UNSUPPORTED, S("this is not asked here"));
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct signin *s = ctx;

	if (s->front == chan)
		s->front = NULL;
	chan_free(chan);
}

static void signin_peer(struct node_role *role, struct str name, int fd)
{
	struct signin *s = role->state;
	struct chan *old = s->front;

	(void)name;
	s->front_number++;
	s->front = chan_new(&(struct chan_options){.loop = role->loop,
	    .fd = fd,
	    .body_max = 1 << 20,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = s});
	chan_free(old);
}

static enum err open_tls(struct signin *s, struct fault *fault)
{
	struct str ca = s->role->config.oidc_ca_file;
	struct fault why = {.code = OK};
	struct str pem;

	if (!ca.p)
		ca = str_c(TLS_CLIENT_SYSTEM);
	TRY(file_read(&pem, s->role->arena, ca, PEM_MAX, fault));
	if (tls_client_new(&s->tls, pem, &why) != OK)
		return fail(fault, why.code, "%.*s: %s", STR_ARG(ca), why.text);
	return OK;
}

static enum err read_secret(struct signin *s, struct fault *fault)
{
	struct str path = s->role->config.oidc_client_secret_file;

	TRY(file_read(&s->secret, s->role->arena, path, SECRET_MAX, fault));
	s->secret = str_trim(s->secret);
	while (s->secret.n > 0 && s->secret.p[s->secret.n - 1] == '\n')
		s->secret.n--;
	return s->secret.n > 0 ? OK : fail(fault, ERR_INVALID, "%.*s: is empty", STR_ARG(path));
}

/* What asking for names needs is read once before the doors close; an answer is not waited for
 * long, because nobody else is answered meanwhile. */
static void prepare_names(void)
{
	struct addrinfo *list = NULL;

	(void)setenv("RES_OPTIONS", "timeout:2 attempts:2", 1);
	if (getaddrinfo("localhost", "443", NULL, &list) == 0)
		freeaddrinfo(list);
}

static enum err confine(struct signin *s, struct fault *fault)
{
	static const struct sandbox_path paths[] = {
	    {S("/etc/hosts"), false},
	    {S("/etc/resolv.conf"), false},
	    {S("/etc/nsswitch.conf"), false},
	    {S("/etc/host.conf"), false},
	    {S("/etc/gai.conf"), false},
	};
	uint16_t ports[] = {0, DNS_PORT};
	struct http_url url;

	TRY(http_url_parse(&url, s->role->config.oidc_issuer));
	ports[0] = url.port;
	return role_confine(s->role,
	    &(struct sandbox){.needs = SANDBOX_FILES | SANDBOX_DIAL | SANDBOX_NAMES,
	        .paths = paths,
	        .path_count = sizeof(paths) / sizeof(paths[0]),
	        .ports = ports,
	        .port_count = 2},
	    fault);
}

static enum err signin_open(struct node_role *role, struct fault *fault)
{
	struct signin *s = mem_alloc(sizeof(*s));
	const struct config *c = &role->config;

	s->role = role;
	role->state = s;
	s->arena = arena_new(CALL_ARENA_MAX);
	TRY(open_tls(s, fault));
	TRY(read_secret(s, fault));
	prepare_names();
	TRY(confine(s, fault));
	s->client = oidc_client_new(&(struct oidc_client_options){.loop = role->loop,
	    .env = sys_env(),
	    .tls = s->tls,
	    .issuer = c->oidc_issuer,
	    .client_id = c->oidc_client_id,
	    .client_secret = s->secret,
	    .claim = c->oidc_account_claim});
	role_ready(role);
	return OK;
}

static void signin_close(struct node_role *role)
{
	struct signin *s = role->state;

	chan_free(s->front);
	s->front = NULL;
	oidc_client_free(s->client);
	tls_client_free(s->tls);
	arena_free(s->arena);
	if (s->secret.p)
		explicit_bzero((char *)(uintptr_t)s->secret.p, s->secret.n);
	mem_free(s);
}

const struct node_role_class ROLE_SIGNIN_CLASS = {
    .name = "signin", .open = signin_open, .peer = signin_peer, .close = signin_close};
