/* SPDX-License-Identifier: Apache-2.0 */
/* The role that talks to peers: it alone has the link's TLS key and may make connections. It reads
 * who the peers are through the gate, asks core what peers ask of it, and leaves the state of its
 * links in run/link/ for whoever shows them. */
#include "link/link.h"
#include "exchange/exchange.h"

#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"
#include "codec/json.h"
#include "crypt/cert.h"
#include "crypt/tls_link.h"
#include "gate/peers.h"
#include "serve/role.h"
#include "sys/files.h"
#include "sys/message.h"
#include "sys/rpc_chan.h"

/* A peer has a handful of calls under way, each once: none waits for another's. */
enum {
	PENDING_MAX = 8 * LINK_PEERS_MAX,
	PEM_MAX = 1 << 20,
	ASK_MAX = 32 << 20,
	STATE_MAX = 1 << 20
};

static const usec STATE_EVERY = USEC_PER_SEC / 4; /* at most */
static const usec LOOK_EVERY = INT64_C(3600) * USEC_PER_SEC;

struct link_role {
	struct node_role *role;
	struct gate *gate;
	struct rpc_client *client;
	struct chan *core;
	struct ssl_ctx_st *tls;
	usec cert_expires;
	struct link *link;
	struct exchange *exchange;
	uint64_t seen;
	struct loop_timer *state_timer;
	bool state_due;
	struct loop_timer *look_timer; /* at certificates */
	struct str state_path;
};

static void put_state(struct link_role *l, struct buf *out)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "pid", getpid());
	json_put_time(&w, "at", env_now(sys_env()));
	link_put_state(l->link, &w);
	json_end_object(&w);
}

static void write_state(void *ctx)
{
	struct link_role *l = ctx;
	struct fault fault;
	struct buf b;

	l->state_due = false;
	buf_init(&b, STATE_MAX);
	put_state(l, &b);
	if (b.failed != OK || file_write(l->state_path, buf_str(&b), 0600, &fault) != OK)
		log_event(&l->role->log, LOG_WARNING, "link.state", LOG_NONE);
	buf_free(&b);
}

static void on_changed(void *ctx)
{
	struct link_role *l = ctx;

	if (!l->state_due)
		loop_timer_set(l->state_timer, STATE_EVERY);
	l->state_due = true;
}

static void on_alarm(void *ctx, const char *code, const char *text)
{
	struct link_role *l = ctx;

	role_alarm(l->role, code, text);
}

static void look(void *ctx)
{
	struct link_role *l = ctx;

	link_check_certificates(l->link);
	loop_timer_set(l->look_timer, LOOK_EVERY);
}

static void load_peers(struct link_role *l)
{
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {
	    .gate = l->gate, .reader = &reader, .outlet = OUTLET_API, .arena = arena_new(ASK_MAX)};
	struct link_peer *list = mem_alloc(LINK_PEERS_MAX * sizeof(*list));
	struct gate_peers all;
	struct fault fault;
	size_t n = 0;

	if (gate_peers(&ask, &all, &fault) == OK) {
		/* Those that were cut long ago make room for the others. */
		for (int cut = 0; cut < 2; cut++)
			for (size_t i = 0; i < all.count && n < LINK_PEERS_MAX; i++) {
				const struct gate_peer *p = &all.items[i];

				if (str_eq(p->state, S("cut")) != (cut == 1))
					continue;
				list[n++] = (struct link_peer){.name = p->name,
				    .state = p->state,
				    .identity = p->identity,
				    .origin = p->origin,
				    .cert = p->cert,
				    .next_cert = p->next_cert,
				    .address = p->address,
				    .post_quantum = p->post_quantum};
			}
		link_set_peers(l->link, list, n);
	} else {
		log_event(
		    &l->role->log, LOG_ERROR, "link.peers", LOG_KV({"text", str_c(fault.text)}));
	}
	mem_free(list);
	arena_free(ask.arena);
}

/* Before anything is sent that the newest keys sign: core tells this role of a rotation before it
 * has them sign. */
static void load_keys(struct link_role *l)
{
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {
	    .gate = l->gate, .reader = &reader, .outlet = OUTLET_API, .arena = arena_new(ASK_MAX)};
	struct buf b;

	buf_init(&b, LINK_KEYS_MAX);
	if (gate_key_notes(&ask, l->role->config.identity, &b) > 0)
		link_set_keys(l->link, buf_str(&b));
	buf_free(&b);
	arena_free(ask.arena);
}

static void on_committed(struct link_role *l, struct str body)
{
	struct rd r = rd_of(body);
	uint64_t size = rd_u64(&r);
	uint64_t views = rd_u64(&r);

	if (gate_peers_changed(l->gate, &l->seen)) {
		load_keys(l);
		load_peers(l);
	}
	link_committed(l->link, size, views);
}

static void on_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct link_role *l = ctx;

	(void)chan;
	if (m->type == MESSAGE_COMMITTED)
		on_committed(l, m->body);
	else if (rpc_client_take(l->client, m) != OK)
		log_event(&l->role->log, LOG_ERROR, "link.message", LOG_NONE);
}

static void on_closed(void *ctx, struct chan *chan)
{
	struct link_role *l = ctx;

	if (l->core == chan) {
		l->core = NULL;
		rpc_client_attach(l->client, NULL);
	}
	chan_free(chan);
}

static void link_peer_role(struct node_role *role, struct str name, int fd)
{
	struct link_role *l = role->state;
	struct chan *old = l->core;

	(void)name;
	l->core = chan_new(&(struct chan_options){
	    .loop = role->loop, .fd = fd, .message = on_message, .closed = on_closed, .ctx = l});
	rpc_client_attach(l->client, l->core);
	chan_free(old);
}

static void link_role_listen(struct node_role *role, enum role_listener which, int fd)
{
	struct link_role *l = role->state;

	(void)which;
	link_listen(l->link, fd);
}

static enum err open_tls(struct link_role *l, struct fault *fault)
{
	struct node_role *role = l->role;
	struct tls_link_options o = {0};
	struct str cert, key;

	config_link_files(&cert, &key, &role->config, role->dir, role->arena);
	TRY(file_read(&o.cert_pem, role->arena, cert, PEM_MAX, fault));
	TRY(file_read(&o.key_pem, role->arena, key, PEM_MAX, fault));
	TRY(cert_expires(&l->cert_expires, o.cert_pem, fault));
	return tls_link_new(&l->tls, &o, fault);
}

/* Certificate and key of a rotation, from outside, where they can be opened. */
static void link_role_reload(struct node_role *role, const int *fds, size_t count)
{
	struct arena *arena = arena_new(4 * PEM_MAX);
	struct link_role *l = role->state;
	struct tls_link_options o = {0};
	struct ssl_ctx_st *tls = NULL;
	struct fault fault = {.code = OK};
	usec expires = 0;
	enum err rc = count == 1 ? file_read_fd(&o.cert_pem, arena, fds[0], PEM_MAX, &fault)
	                         : fail(&fault, ERR_INVALID, "one file is read again");

	o.key_pem = o.cert_pem;
	if (rc == OK)
		rc = cert_expires(&expires, o.cert_pem, &fault);
	if (rc == OK)
		rc = tls_link_new(&tls, &o, &fault);
	arena_free(arena);
	if (rc != OK) {
		log_event(&role->log, LOG_ERROR, "link.certificate-kept",
		    LOG_KV({"text", str_c(fault.text)}));
		return;
	}
	link_set_tls(l->link, tls, expires);
	tls_link_free(l->tls);
	l->tls = tls;
	log_event(&role->log, LOG_INFO, "link.certificate-read", LOG_NONE);
}

static enum err confine(struct link_role *l, struct fault *fault)
{
	struct node_role *role = l->role;
	const struct sandbox_path paths[] = {
	    {role_path(role, "ledger"), false},
	    {role_path(role, "views"), true}, /* readers of SQLite's WAL take part in it */
	    {role_path(role, "run/link"), true},
	    {S("/proc/sys/kernel/random/boot_id"), false},
	};

	return role_confine(role,
	    &(struct sandbox){
	        .needs = SANDBOX_FILES | SANDBOX_CHANGE | SANDBOX_ACCEPT | SANDBOX_DIAL,
	        .paths = paths,
	        .path_count = sizeof(paths) / sizeof(paths[0])},
	    fault);
}

static enum err link_role_open(struct node_role *role, struct fault *fault)
{
	struct link_role *l = mem_alloc(sizeof(*l));
	const struct config *c = &role->config;

	l->role = role;
	role->state = l;
	l->state_path = role_path(role, "run/link/state.json");
	TRY(file_make_dir(role_path(role, "run/link"), 0700, fault));
	TRY(open_tls(l, fault));
	TRY(gate_open(&l->gate, role->dir, sys_env(), fault));
	TRY(confine(l, fault));
	l->client = rpc_client_new(PENDING_MAX);
	TRY(exchange_new(&l->exchange,
	    &(struct exchange_options){.loop = role->loop,
	        .env = sys_env(),
	        .log = &role->log,
	        .dir = role->dir,
	        .identity = c->identity,
	        .pace = c->link_pace,
	        .rpc = rpc_client_rpc(l->client)},
	    fault));
	l->state_timer = loop_timer_new(role->loop, write_state, l);
	l->look_timer = loop_timer_new(role->loop, look, l);
	l->link = link_new(&(struct link_options){.loop = role->loop,
	    .tls = l->tls,
	    .cert_expires = l->cert_expires,
	    .env = sys_env(),
	    .log = &role->log,
	    .identity = c->identity,
	    .pace = c->link_pace,
	    .reachable = c->link_listen.p || c->link_address.p,
	    .rpc = rpc_client_rpc(l->client),
	    .engine = exchange_engine(l->exchange),
	    .alarm = on_alarm,
	    .changed = on_changed,
	    .ctx = l});
	loop_timer_set(l->look_timer, LOOK_EVERY);
	(void)gate_peers_changed(l->gate, &l->seen);
	load_keys(l);
	load_peers(l);
	role_ready(role);
	return OK;
}

static void link_role_close(struct node_role *role)
{
	struct link_role *l = role->state;

	/* Calls that are owed answers name sessions of the link. */
	rpc_client_free(l->client);
	link_free(l->link);
	exchange_free(l->exchange);
	loop_timer_free(l->state_timer);
	loop_timer_free(l->look_timer);
	chan_free(l->core);
	gate_close(l->gate);
	tls_link_free(l->tls);
	mem_free(l);
}

const struct node_role_class ROLE_LINK_CLASS = {.name = "link",
    .listeners = {LISTENER_LINK},
    .open = link_role_open,
    .peer = link_peer_role,
    .listen = link_role_listen,
    .reload = link_role_reload,
    .close = link_role_close};
