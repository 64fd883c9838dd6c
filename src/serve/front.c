/* SPDX-License-Identifier: Apache-2.0 */
/* The role that the network sees: TLS and HTTP. It reads through the gate, knows who asks before
 * anything else, hands what is TAXII to share and the rest to api, and sends what changes the node
 * to core. While core is away reading goes on and writing is answered "busy". */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/mem.h"
#include "crypt/cert.h"
#include "crypt/tls.h"
#include "gate/challenge.h"
#include "gate/identify.h"
#include "gate/reads.h"
#include "http/server.h"
#include "serve/cert/expiry.h"
#include "serve/role.h"
#include "serve/status_file.h"
#include "share/taxii.h"
#include "sys/files.h"
#include "sys/message.h"
#include "sys/rpc_chan.h"

enum {
	PENDING_MAX = 512,
	PEM_MAX = 1 << 20,
	SIGNINS_MAX = 64,
	SIGNIN_ANSWER_MAX = 16 << 10,
	READS_ARGS_MAX = 1 << 20,
};

/* What is read is gathered for so long before it goes into the ledger. */
static const usec READS_DELAY = USEC_PER_SEC;
/* And a figure so long before people see it. */
static const usec FIGURE_DELAY = USEC_PER_SEC / 2;

struct front {
	struct node_role *role;
	struct gate *gate;
	struct identify *identify;
	struct taxii *taxii;
	struct api *api;
	struct rpc_client *client;
	struct rpc rpc;
	struct chan *core;
	struct rpc_client *signin_client; /* NULL: there is no identity provider */
	struct rpc signin_rpc;
	struct chan *signin;
	struct challenges *challenges;
	struct ssl_ctx_st *tls, *taxii_tls;
	usec cert_expires;
	struct expiry *expiry; /* of the certificate */
	struct http_server *server, *taxii_server;
	uint64_t tls12; /* handshakes of the TAXII listener that gave TLS 1.2 */
	struct loop_timer *figure_timer;
	bool figure_set;
	struct reads *reads;
	struct loop_timer *reads_timer;
	bool reads_set, stopping;
};

/* A request while it is being found out who asks; lives in the request's arena. */
struct asked {
	struct front *front;
	struct http_request *rq;
};

static const char *why(enum err rc)
{
	return rc == ERR_UNSUPPORTED ? IDENTIFY_TOKEN_INSTEAD
	       : rc == ERR_LIMIT     ? IDENTIFY_NO_CODE
	                             : NULL;
}

static void on_identified(void *ctx, enum err rc, const struct identity *who)
{
	const struct asked *asked = ctx;
	struct front *f = asked->front;

	if (taxii_wants(asked->rq))
		taxii_handle(f->taxii, asked->rq, rc == OK ? &who->reader : NULL, why(rc));
	else
		api_handle(f->api, asked->rq, &(struct api_caller){.rc = rc, .who = who});
}

static void find_out(struct front *f, struct http_request *rq, struct str cookie)
{
	struct asked *asked = arena_alloc(http_arena(rq), sizeof(*asked));
	enum http_method method = http_method(rq);
	struct identify_request question = {.authorization = http_header(rq, "Authorization"),
	    .cookie = cookie,
	    .origin = http_header(rq, "Origin"),
	    .host = http_header(rq, "Host"),
	    .fetch_site = http_header(rq, "Sec-Fetch-Site"),
	    .peer = http_peer(rq),
	    .changes = method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS};

	if (!asked) {
		http_reply(rq, 503, STR_NONE);
		return;
	}
	*asked = (struct asked){.front = f, .rq = rq};
	question.has_cert = http_client_cert(rq, &question.cert);
	identify_request(f->identify, &question, on_identified, asked);
}

static void on_request(void *ctx, struct http_request *rq)
{
	find_out(ctx, rq, http_header(rq, "Cookie"));
}

/* What strangers speak to: TAXII and nothing else, and no session of a browser, whose cookies know
 * no ports. */
static void on_taxii_request(void *ctx, struct http_request *rq)
{
	struct front *f = ctx;

	if (taxii_wants(rq))
		find_out(f, rq, STR_NONE);
	else
		http_reply(rq, 404, STR_NONE);
}

static void tell_figure(void *ctx)
{
	struct front *f = ctx;

	f->figure_set = false;
	role_figure(f->role, STATUS_TAXII_TLS12, f->tls12);
}

static void on_tls12(void *ctx)
{
	struct front *f = ctx;

	f->tls12++;
	if (!f->figure_set)
		loop_timer_set(f->figure_timer, FIGURE_DELAY);
	f->figure_set = true;
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct front *f = ctx;

	(void)chan;
	if (m->type == MESSAGE_COMMITTED)
		api_committed(f->api);
	else if (rpc_client_take(f->client, m) != OK)
		log_event(&f->role->log, LOG_ERROR, "front.message", LOG_NONE);
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct front *f = ctx;

	if (f->core == chan) {
		f->core = NULL;
		rpc_client_attach(f->client, NULL);
	}
	chan_free(chan);
}

static void on_signin_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct front *f = ctx;

	(void)chan;
	if (rpc_client_take(f->signin_client, m) != OK)
		log_event(&f->role->log, LOG_ERROR, "front.message", LOG_NONE);
}

static void on_signin_closed(void *ctx, struct chan *chan)
{
	struct front *f = ctx;

	if (f->signin == chan) {
		f->signin = NULL;
		rpc_client_attach(f->signin_client, NULL);
	}
	chan_free(chan);
}

/* What it says comes from a role that reads what strangers say: little of it is taken. */
static void attach_signin(struct front *f, int fd)
{
	struct chan *old = f->signin;

	f->signin = chan_new(&(struct chan_options){.loop = f->role->loop,
	    .fd = fd,
	    .body_max = SIGNIN_ANSWER_MAX,
	    .message = on_signin_message,
	    .closed = on_signin_closed,
	    .ctx = f});
	rpc_client_attach(f->signin_client, f->signin);
	chan_free(old);
}

static void front_peer(struct node_role *role, struct str name, int fd)
{
	struct front *f = role->state;
	struct chan *old = f->core;

	if (str_eq(name, S("signin")) && f->signin_client) {
		attach_signin(f, fd);
		return;
	}
	f->core = chan_new(&(struct chan_options){
	    .loop = role->loop, .fd = fd, .message = on_message, .closed = on_closed, .ctx = f});
	rpc_client_attach(f->client, f->core);
	chan_free(old);
}

/* Of both listeners, which have one certificate. The second is NULL where there is one listener. */
static enum err make_tls(struct ssl_ctx_st **web, struct ssl_ctx_st **taxii, const struct front *f,
    const struct tls_options *options, struct fault *fault)
{
	const struct config *config = &f->role->config;
	struct tls_options o = *options;
	enum err rc;

	*taxii = NULL;
	TRY(tls_server_new(web, &o, fault));
	o.allow_12 = str_eq(config->taxii_tls, S("1.2"));
	rc = config->taxii_listen.p ? tls_server_new(taxii, &o, fault) : OK;
	if (rc != OK) {
		tls_server_free(*web);
		*web = NULL;
	}
	return rc;
}

static enum err open_tls(struct front *f, struct fault *fault)
{
	struct node_role *role = f->role;
	struct tls_options o = {.ask_client_cert = true};

	TRY(file_read(&o.cert_pem, role->arena, role_path(role, "tls/cert.pem"), PEM_MAX, fault));
	TRY(file_read(&o.key_pem, role->arena, role_path(role, "keys/tls.pem"), PEM_MAX, fault));
	TRY(cert_expires(&f->cert_expires, o.cert_pem, fault));
	return make_tls(&f->tls, &f->taxii_tls, f, &o, fault);
}

static enum err confine(struct front *f, struct fault *fault)
{
	struct node_role *role = f->role;
	const struct sandbox_path paths[] = {
	    {role_path(role, "ledger"), false}, {role_path(role, "history"), false},
	    {role_path(role, "people"), false},
	    {role_path(role, "views"), true}, /* readers of SQLite's WAL take part in it */
	    {role_path(role, "run"), false}, {S("/proc/sys/kernel/random/boot_id"), false},
	    {S("/proc/self"), false}, /* its own figures for /metrics */
	};

	return role_confine(role,
	    &(struct sandbox){.needs = SANDBOX_FILES | SANDBOX_CHANGE | SANDBOX_ACCEPT,
	        .paths = paths,
	        .path_count = sizeof(paths) / sizeof(paths[0])},
	    fault);
}

static void hand_over(void *ctx);

static void hand_over_later(void *ctx)
{
	struct front *f = ctx;

	if (f->reads_set)
		return;
	f->reads_set = true;
	loop_timer_set(f->reads_timer, READS_DELAY);
}

/* What could not be kept waits, and with the process to end it is lost, aloud. */
static void kept(void *ctx, enum err status, struct str reply)
{
	struct front *f = ctx;

	reads_done(f->reads, status == OK);
	if (status != OK)
		log_event(&f->role->log, LOG_ERROR, "front.reads-not-kept",
		    LOG_KV({"error", str_c(err_name(status))}, {"text", reply}));
	if (status == OK && reads_any(f->reads))
		hand_over(f);
	else if (f->stopping)
		role_exit(f->role, 0);
	else if (reads_any(f->reads))
		hand_over_later(f);
}

static void hand_over(void *ctx)
{
	struct front *f = ctx;
	struct rpc_call call = {.op = S("read.note"), .fd = -1};
	struct buf args;
	enum err rc;

	f->reads_set = false;
	buf_init(&args, READS_ARGS_MAX);
	if (reads_take(f->reads, &call.by, &args)) {
		call.args = buf_str(&args);
		rc = args.failed == OK ? f->rpc.call(f->rpc.ctx, &call, kept, f) : args.failed;
		if (rc != OK)
			kept(f, rc, S("core cannot be asked"));
	}
	buf_free(&args);
}

static void front_stop(struct node_role *role)
{
	struct front *f = role->state;

	f->stopping = true;
	loop_timer_clear(f->reads_timer);
	if (!reads_any(f->reads))
		role_exit(role, 0);
	else
		hand_over(f);
}

static void open_parts(struct front *f, unsigned code_roles)
{
	struct node_role *role = f->role;

	f->client = rpc_client_new(PENDING_MAX);
	f->rpc = rpc_client_rpc(f->client);
	if (role->config.oidc_issuer.p) {
		f->signin_client = rpc_client_new(SIGNINS_MAX);
		f->signin_rpc = rpc_client_rpc(f->signin_client);
		f->challenges = challenges_new(f->gate, sys_env());
	}
	f->reads_timer = loop_timer_new(role->loop, hand_over, f);
	f->figure_timer = loop_timer_new(role->loop, tell_figure, f);
	f->reads =
	    reads_new(&(struct reads_options){.env = sys_env(), .wake = hand_over_later, .ctx = f});
	gate_watch(f->gate, f->reads);
	f->identify = identify_new(&(struct identify_options){
	    .gate = f->gate, .rpc = &f->rpc, .env = sys_env(), .code_roles = code_roles});
	f->taxii =
	    taxii_new(&(struct taxii_options){.gate = f->gate, .rpc = &f->rpc, .env = sys_env()});
	f->api = api_new(&(struct api_options){.loop = role->loop,
	    .gate = f->gate,
	    .identify = f->identify,
	    .rpc = &f->rpc,
	    .signin = f->signin_client ? &f->signin_rpc : NULL,
	    .challenges = f->challenges,
	    .log = &role->log,
	    .node = {.config = &role->config,
	        .env = sys_env(),
	        .run_dir = role_path(role, "run"),
	        .version = S(TOCSIN_VERSION)},
	    .metrics_open = str_eq(role->config.metrics, S("open")),
	    .files = ui_files,
	    .file_count = ui_file_count});
}

static enum err front_open(struct node_role *role, struct fault *fault)
{
	struct front *f = mem_alloc(sizeof(*f));
	unsigned code_roles;

	f->role = role;
	role->state = f;
	TRY(role_list(&code_roles, role->config.totp_required, fault));
	TRY(open_tls(f, fault));
	TRY(gate_open(&f->gate, role->dir, sys_env(), fault));
	TRY(confine(f, fault));
	open_parts(f, code_roles);
	return OK;
}

/* The listener for everything comes last: with it this role is ready. */
static void front_listen(struct node_role *role, enum role_listener which, int fd)
{
	struct front *f = role->state;
	bool taxii = which == LISTENER_TAXII;
	struct fault fault;
	enum err rc = http_server_new(taxii ? &f->taxii_server : &f->server,
	    &(struct http_server_options){.base = loop_base(role->loop),
	        .listen_fd = fd,
	        .tls = taxii ? f->taxii_tls : f->tls,
	        .body_max = role->config.body_max,
	        .connections_max = role->config.connections,
	        .tls12 = taxii ? on_tls12 : NULL,
	        .handler = taxii ? on_taxii_request : on_request,
	        .ctx = f},
	    &fault);

	if (rc == OK && taxii)
		return;
	if (rc == OK) {
		if (!f->expiry)
			f->expiry = expiry_new(
			    &(struct expiry_of){role, "web-certificate-expires",
			        "The certificate of this node's web address",
			        "Put a new one in tls/cert.pem and keys/tls.pem and send SIGHUP."},
			    f->cert_expires);
		role_ready(role);
		return;
	}
	log_event(&role->log, LOG_ERROR, "front.unserved", LOG_KV({"text", str_c(fault.text)}));
	role_exit(role, 2);
}

/* A certificate is replaced while the node runs: the two files come from outside, where they can
 * be opened. What is wrong with them costs nothing but the renewal. */
static enum err read_tls(
    struct front *renewed, struct arena *arena, const int *fds, size_t count, struct fault *fault)
{
	struct tls_options o = {.ask_client_cert = true};

	if (count != 2)
		return fail(fault, ERR_INVALID, "a certificate and a key are read again together");
	TRY(file_read_fd(&o.cert_pem, arena, fds[0], PEM_MAX, fault));
	TRY(file_read_fd(&o.key_pem, arena, fds[1], PEM_MAX, fault));
	TRY(cert_expires(&renewed->cert_expires, o.cert_pem, fault));
	return make_tls(&renewed->tls, &renewed->taxii_tls, renewed, &o, fault);
}

static void front_reload(struct node_role *role, const int *fds, size_t count)
{
	struct arena *arena = arena_new(4 * PEM_MAX);
	struct front *f = role->state;
	struct front renewed = {.role = role};
	struct fault fault;
	enum err rc = read_tls(&renewed, arena, fds, count, &fault);

	arena_free(arena);
	if (rc != OK || !f->server) {
		log_event(&role->log, LOG_ERROR, "front.certificate-kept",
		    LOG_KV({"text", rc == OK ? S("not serving yet") : str_c(fault.text)}));
		tls_server_free(renewed.tls);
		tls_server_free(renewed.taxii_tls);
		return;
	}
	http_server_set_tls(f->server, renewed.tls);
	if (f->taxii_server)
		http_server_set_tls(f->taxii_server, renewed.taxii_tls);
	tls_server_free(f->tls);
	tls_server_free(f->taxii_tls);
	f->tls = renewed.tls;
	f->taxii_tls = renewed.taxii_tls;
	f->cert_expires = renewed.cert_expires;
	expiry_set(f->expiry, f->cert_expires);
	log_event(&role->log, LOG_INFO, "front.certificate-read", LOG_NONE);
}

static void front_close(struct node_role *role)
{
	struct front *f = role->state;

	/* Answers owed to requests are failed while the requests still live. */
	rpc_client_free(f->client);
	rpc_client_free(f->signin_client);
	api_free(f->api);
	taxii_free(f->taxii);
	identify_free(f->identify);
	http_server_free(f->server);
	http_server_free(f->taxii_server);
	expiry_free(f->expiry);
	loop_timer_free(f->figure_timer);
	chan_free(f->core);
	chan_free(f->signin);
	challenges_free(f->challenges);
	gate_close(f->gate);
	reads_free(f->reads);
	loop_timer_free(f->reads_timer);
	tls_server_free(f->tls);
	tls_server_free(f->taxii_tls);
	mem_free(f);
}

const struct node_role_class ROLE_FRONT_CLASS = {.name = "front",
    .listeners = {LISTENER_TAXII, LISTENER_WEB},
    .open = front_open,
    .peer = front_peer,
    .listen = front_listen,
    .reload = front_reload,
    .stop = front_stop,
    .close = front_close};
