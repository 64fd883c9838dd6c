/* SPDX-License-Identifier: Apache-2.0 */
/* `key rotate`, `key compromised` and `peer compromised`: calls to the core, of the running node or
 * of a transient one. */
#include <errno.h>
#include <stdio.h>

#include "cli/call.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "crypt/cert.h"
#include "gate/peers.h"
#include "link/admit.h"
#include "serve/serve.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 32 << 20,
	TEXT_MAX = 64 << 10,
	STATE_BYTES_MAX = 1 << 20,
	LINK_CERT_DAYS = 825,
};

static int print(struct arena *arena, struct str reply, bool json)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_val *root;
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &limits, &fault) != OK)
		return cmd_fail("key rotate", &fault);
	buf_init(&out, TEXT_MAX);
	if (json)
		terminal_put_json(&out, reply);
	else
		buf_printf(&out,
		    "rotated: %.*s is followed by %.*s since %.*s\n"
		    "Peers learn it over their links. Give the new key to whoever checks this "
		    "ledger elsewhere; the old one still leads there:\n%.*s",
		    STR_ARG(json_get_str(root, "before")), STR_ARG(json_get_str(root, "after")),
		    STR_ARG(json_get_str(root, "time")), STR_ARG(json_get_str(root, "key")));
	buf_byte(&out, '\n');
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

/* ---- the link's certificate ---- */

#define NEXT_PAIR "keys/link-next.pem"
#define NEXT_CERT "tls/link-next.pem"

struct link_work {
	struct arena *arena;
	struct str dir;
	struct config config;
};

static struct str path_of(const struct link_work *w, const char *name)
{
	return file_join(w->arena, w->dir, name);
}

static enum err make_next(const struct link_work *w, struct fault *fault)
{
	const struct str hosts[] = {S("localhost")};
	const struct cert_request request = {.name = w->config.name,
	    .hosts = hosts,
	    .host_count = 1,
	    /* Clocks differ. */
	    .not_before = env_now(sys_env()) - 3600 * USEC_PER_SEC,
	    .days = LINK_CERT_DAYS};
	struct str cert, key, pair;

	TRY(cert_make(&cert, &key, w->arena, &request, fault));
	pair = arena_printf(w->arena, "%.*s%.*s", STR_ARG(cert), STR_ARG(key));
	if (!pair.p)
		return fail(fault, ERR_NOMEM, "no memory for a certificate");
	TRY(file_write(path_of(w, NEXT_PAIR), pair, 0600, fault));
	return file_write(path_of(w, NEXT_CERT), cert, 0644, fault);
}

/* Makes one unless one is waiting, and has it announced. */
static enum err announce(const struct link_work *w, struct fault *fault)
{
	struct rpc_call rpc = {.op = S("key.link"), .by = S("local"), .fd = -1};
	char hex[2 * SHA256_LEN + 1];
	struct sha256 fingerprint;
	struct str cert, reply;

	if (w->config.link_certificate.p)
		return fail(fault, ERR_UNSUPPORTED,
		    "tocsin.conf names the link's certificate: that is not this node's to change");
	if (!file_exists(path_of(w, NEXT_CERT)))
		TRY(make_next(w, fault));
	TRY(file_read(&cert, w->arena, path_of(w, NEXT_CERT), TEXT_MAX, fault));
	TRY(cert_fingerprint(&fingerprint, cert, fault));
	admit_hex(hex, &fingerprint);
	rpc.args = arena_printf(w->arena, "{\"cert\":\"%s\"}", hex);
	return node_call(w->dir, &rpc, w->arena, &reply, fault);
}

/* What the running link knows of the peers that have taken what we say of our keys. */
static bool has_taken(yyjson_val *state, struct str name)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(state, "peers"));
	yyjson_val *peer;

	while ((peer = yyjson_arr_iter_next(&it)))
		if (str_eq(json_get_str(peer, "name"), name))
			return yyjson_get_bool(yyjson_obj_get(peer, "keys_taken"));
	return false;
}

/* Every active peer has taken the next certificate; else who has not. */
static enum err check_taken(const struct link_work *w, struct fault *fault)
{
	const struct json_limits limits = {.bytes = STATE_BYTES_MAX, .depth = 8};
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_API, .arena = w->arena};
	struct gate_peers all;
	yyjson_val *state = NULL;
	struct str text;
	enum err rc;

	TRY(gate_open(&ask.gate, w->dir, sys_env(), fault));
	rc = gate_peers(&ask, &all, fault);
	gate_close(ask.gate);
	TRY(rc);
	if (file_read(&text, w->arena, path_of(w, "run/link/state.json"), limits.bytes, NULL) == OK)
		(void)!json_parse(&state, w->arena, text, &limits, NULL);
	for (size_t i = 0; i < all.count; i++)
		if (str_eq(all.items[i].state, S("active")) && !has_taken(state, all.items[i].name))
			return fail(fault, ERR_CONFLICT,
			    "the peer %.*s has not taken the next certificate yet: wait until it "
			    "was connected, or, with --force, meet it again afterwards",
			    STR_ARG(all.items[i].name));
	return OK;
}

static enum err move(
    const struct link_work *w, const char *from, const char *to, struct fault *fault)
{
	struct str source = path_of(w, from);

	/* The first of the two was moved before, and then something went wrong. */
	if (!file_exists(source))
		return OK;
	if (rename(source.p, path_of(w, to).p) != 0)
		return fail(
		    fault, ERR_IO, "%.*s: cannot be moved: %s", STR_ARG(source), sys_error(errno));
	return OK;
}

static enum err use_next(const struct link_work *w, bool force, struct fault *fault)
{
	if (!file_exists(path_of(w, NEXT_CERT)))
		return fail(fault, ERR_NOT_FOUND,
		    "no certificate is waiting: `tocsin key rotate DIR --link` makes one");
	if (!force)
		TRY(check_taken(w, fault));
	TRY(move(w, NEXT_PAIR, CONFIG_LINK_PAIR, fault));
	return move(w, NEXT_CERT, CONFIG_LINK_CERT, fault);
}

static int rotate_link(char **argv, bool use, bool force)
{
	static const char ANNOUNCED[] =
	    "announced: the link's next certificate\n"
	    "When every peer was connected since: tocsin key rotate DIR --link --use\n";
	static const char USED[] =
	    "used from the next start on, or now: send SIGHUP (systemctl reload)\n";
	struct link_work w = {.arena = arena_new(ARENA_MAX), .dir = str_c(argv[1])};
	struct fault fault = {0};
	enum err rc = config_read(&w.config, w.arena, w.dir, &fault);
	int code;

	if (rc == OK)
		rc = use ? use_next(&w, force, &fault) : announce(&w, &fault);
	code = rc == OK ? cmd_print(str_c(use ? USED : ANNOUNCED)) : cmd_fail(argv[0], &fault);
	arena_free(w.arena);
	return code;
}

static int rotate_ledger(char **argv, bool json)
{
	struct rpc_call rpc = {.op = S("key.rotate"), .by = S("local"), .args = S("{}"), .fd = -1};
	struct arena *arena = arena_new(ARENA_MAX);
	struct fault fault = {0};
	struct str reply;
	int code;

	if (node_call(str_c(argv[1]), &rpc, arena, &reply, &fault) == OK)
		code = print(arena, reply, json);
	else
		code = cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

int cmd_key_rotate(int argc, char **argv)
{
	bool json = false, link = false, use = false, force = false;
	const struct cmd_option options[] = {{"json", CMD_FLAG, &json}, {"link", CMD_FLAG, &link},
	    {"use", CMD_FLAG, &use}, {"force", CMD_FLAG, &force}, {0}};
	struct fault fault = {0};

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	if (link)
		return rotate_link(argv, use, force);
	if (use || force) {
		fault_set(&fault, ERR_INVALID, "--use and --force are about --link");
		return cmd_fail(argv[0], &fault);
	}
	return rotate_ledger(argv, json);
}

/* What is hidden now, and an id a line. */
static int print_hidden(struct arena *arena, struct str reply, bool json, const char *verb)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault;
	yyjson_arr_iter it;
	yyjson_val *root, *id;
	struct buf out;
	int code;

	if (json_parse(&root, arena, reply, &limits, &fault) != OK)
		return cmd_fail(verb, &fault);
	buf_init(&out, ARENA_MAX);
	if (json) {
		terminal_put_json(&out, reply);
		buf_byte(&out, '\n');
	} else {
		buf_printf(&out, "since %.*s: %lld hidden here\n",
		    STR_ARG(json_get_str(root, "since")),
		    (long long)yyjson_get_sint(yyjson_obj_get(root, "hidden")));
		it = yyjson_arr_iter_with(yyjson_obj_get(root, "ids"));
		while ((id = yyjson_arr_iter_next(&it))) {
			terminal_put(&out, json_str(id));
			buf_byte(&out, '\n');
		}
	}
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code;
}

/* `name` NULL: of this node's own keys. */
static int compromised(char **argv, const char *name, const char *since, bool json)
{
	const struct call call = {.dir = str_c(argv[1]),
	    .op = name ? S("peer.compromised") : S("key.compromised"),
	    .fd = -1};
	struct arena *arena = arena_new(ARENA_MAX);
	struct fault fault = {0};
	struct json_writer w;
	struct str reply;
	struct buf args;
	int code;

	buf_init(&args, 8192);
	w = json_writer(&args);
	json_object(&w, NULL);
	if (name)
		json_put_str(&w, "name", str_c(name));
	if (since)
		json_put_str(&w, "since", str_c(since));
	json_end_object(&w);
	code = call_core(&reply, arena, &call, &args, &fault) == OK
	           ? print_hidden(arena, reply, json, argv[0])
	           : cmd_fail(argv[0], &fault);
	arena_free(arena);
	return code;
}

int cmd_key_compromised(int argc, char **argv)
{
	const char *since = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"since", CMD_TEXT, &since}, {"json", CMD_FLAG, &json}, {0}};

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	return compromised(argv, NULL, since, json);
}

int cmd_peer_compromised(int argc, char **argv)
{
	const char *since = NULL;
	bool json = false;
	const struct cmd_option options[] = {
	    {"since", CMD_TEXT, &since}, {"json", CMD_FLAG, &json}, {0}};

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	return compromised(argv, argv[2], since, json);
}
