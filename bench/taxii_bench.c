/* SPDX-License-Identifier: Apache-2.0 */
/* A front without the other roles: a ledger in a temporary folder, its views, the gate, the TAXII
 * server, TLS. `taxii_bench N` fills it with N made-up indicators, `taxii_bench FILE [PAGE]`
 * restores a medallion data file. Prints the URL, serves until it is ended. Every password is
 * right. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/decide.h"
#include "crypt/cert.h"
#include "crypt/tls.h"
#include "gate/identify.h"
#include "share/taxii.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/files.h"
#include "sys/loop.h"
#include "view/view.h"

enum { BATCH = 1000, OBJECT_MAX = 1024, ARENA_MAX = 256 << 20 };

struct bench {
	char dir[64];
	struct arena *arena;
	struct store *store;
	struct command_ctx ctx;
	void *part;
	struct gate *gate;
	struct rpc rpc;
	struct identify *identify;
	struct taxii *taxii;
};

/* One request between identification and TAXII. */
struct asking {
	struct bench *b;
	struct http_request *rq;
};

static void check(enum err rc, const struct fault *fault)
{
	if (rc == OK)
		return;
	(void)fprintf(stderr, "taxii_bench: %s\n", fault->text);
	exit(2);
}

static void catch_up(struct bench *b)
{
	struct str dir = file_join(b->arena, str_c(b->dir), "views");
	struct fault fault = {0};

	for (size_t i = 0; VIEW_CLASSES[i]; i++) {
		struct view *view = NULL;

		check(view_open(&view, VIEW_CLASSES[i], dir, b->store, &fault), &fault);
		check(view_catch_up(view, b->store, &fault), &fault);
		view->class->close(view);
	}
}

static enum err call(void *ctx, const struct rpc_call *rpc_call, rpc_done done, void *done_ctx)
{
	struct bench *b = ctx;
	const struct command *c = ADMIN_TAXII.commands;
	struct fault fault = {0};
	struct command_reply reply = {0};
	struct buf json;
	enum err rc = OK;

	buf_init(&json, 1 << 20);
	reply.json = &json;
	while (c->op && !str_eq(str_c(c->op), rpc_call->op))
		c++;
	if (c->op) {
		rc = c->run(b->part, rpc_call, &reply, &fault);
		if (rc == OK)
			rc = store_commit(b->store, &fault);
		catch_up(b);
	} else if (!str_eq(rpc_call->op, S("verify-password"))) {
		rc = fail(&fault, ERR_CLOSED, "not in this bench");
	}
	done(done_ctx, rc, rc == OK ? buf_str(&json) : str_c(fault.text));
	buf_free(&json);
	return OK;
}

static void identified(void *ctx, enum err rc, const struct identity *who)
{
	struct asking *a = ctx;

	taxii_handle(a->b->taxii, a->rq, rc == OK ? &who->reader : NULL, NULL);
}

static void handle(void *ctx, struct http_request *rq)
{
	struct asking *a = arena_alloc(http_arena(rq), sizeof(*a));
	struct identify_request request = {
	    .authorization = http_header(rq, "Authorization"),
	    .peer = http_peer(rq),
	    .changes = http_method(rq) != HTTP_GET && http_method(rq) != HTTP_HEAD,
	};

	if (!a)
		abort();
	*a = (struct asking){ctx, rq};
	request.has_cert = http_client_cert(rq, &request.cert);
	identify_request(a->b->identify, &request, identified, a);
}

static void fill(struct bench *b, size_t objects)
{
	static char text[BATCH][OBJECT_MAX];
	static char ids[BATCH][64];
	static struct record records[BATCH];
	char label[LABEL_ENCODED_MAX];
	struct str green = {label, label_encode(&(struct label){.tlp = TLP_GREEN}, label)};
	struct fault fault = {0};
	uint64_t first;

	for (size_t at = 0; at < objects; at += BATCH) {
		for (size_t i = 0; i < BATCH; i++) {
			int n;

			(void)snprintf(ids[i], sizeof(ids[i]),
			    "indicator--%08zx-0fd8-471a-ab8c-1c658a46574e", at + i);
			n = snprintf(text[i], OBJECT_MAX,
			    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\","
			    "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
			    "\"2026-01-01T00:00:00.000Z\",\"name\":\"Indicator %zu of a made-up "
			    "campaign against four airports\",\"description\":\"Seen as the second "
			    "stage of a supplier compromise; confidence after two sightings.\","
			    "\"indicator_types\":[\"malicious-activity\"],\"pattern\":"
			    "\"[domain-name:value = 'host-%zu.example.com']\",\"pattern_type\":"
			    "\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"confidence\":75,"
			    "\"object_marking_refs\":[\"marking-definition--bab4a63c-aed9-4cf5-"
			    "a766-dfca5abac2bb\"]}",
			    ids[i], at + i, at + i);
			records[i] = (struct record){.kind = RECORD_OBJECT,
			    .tag = STIX_TYPE_INDICATOR,
			    .id = str_c(ids[i]),
			    .version = INT64_C(1767225600000000),
			    .label = green,
			    .feed = 1,
			    .content = {text[i], (size_t)n}};
		}
		check(store_append(b->store, records, BATCH, &first, &fault), &fault);
	}
	check(
	    admin_decide(&b->ctx, S("discovery"),
	        S("{\"title\":\"Bench\",\"default\":\"bench\",\"api_roots\":[\"bench\"]}"), &fault),
	    &fault);
	check(admin_decide(&b->ctx, S("root/bench"),
	          S("{\"title\":\"Bench\",\"max_content_length\":1000000,\"page_limit\":1000}"),
	          &fault),
	    &fault);
	check(admin_decide(&b->ctx, S("collection/52892447-4d7e-4f70-b94d-d7f22742ff63"),
	          S("{\"feed\":1,\"root\":\"bench\",\"title\":\"All\",\"alias\":\"all\","
	            "\"can_read\":true,\"can_write\":true}"),
	          &fault),
	    &fault);
}

static void restore(struct bench *b, const char *file, const char *page)
{
	char args[64];
	struct rpc_call rpc_call = {.op = S("taxii.restore"), .by = S("local")};
	struct command_reply reply = {0};
	struct fault fault = {0};
	struct buf json;

	(void)snprintf(args, sizeof(args), "{\"page_limit\":%s}", page);
	rpc_call.args = str_c(args);
	rpc_call.fd = open(file, O_RDONLY | O_CLOEXEC);
	buf_init(&json, 1 << 20);
	reply.json = &json;
	for (const struct command *c = ADMIN_TAXII.commands; c->op; c++)
		if (str_eq(str_c(c->op), rpc_call.op))
			check(c->run(b->part, &rpc_call, &reply, &fault), &fault);
	(void)fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&json)));
	buf_free(&json);
	(void)close(rpc_call.fd);
}

static void prepare(struct bench *b)
{
	static const char *const FOLDERS[] = {"ledger", "views", "keys"};
	struct store_options options = {.write = true, .create = true, .env = sys_env()};
	struct fault fault = {0};

	memcpy(b->dir, "/tmp/taxii-bench-XXXXXX", 24);
	if (!mkdtemp(b->dir))
		exit(2);
	for (size_t i = 0; i < 3; i++)
		check(file_make_dir(file_join(b->arena, str_c(b->dir), FOLDERS[i]), 0700, &fault),
		    &fault);
	options.dir = file_join(b->arena, str_c(b->dir), "ledger");
	check(store_open(&b->store, &options, &fault), &fault);
	b->ctx = (struct command_ctx){.store = b->store, .env = sys_env()};
	check(ADMIN_TAXII.open(&b->part, &b->ctx, &fault), &fault);
	check(admin_decide(&b->ctx, S("account/admin"),
	          S("{\"role\":\"admin\",\"clearance\":\"TLP:RED\",\"password\":true}"), &fault),
	    &fault);
}

static int listening(unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t n = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, n) != 0 || listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &n) != 0)
		exit(2);
	*port = ntohs(address.sin_port);
	return fd;
}

static struct ssl_ctx_st *make_tls(struct bench *b)
{
	static const struct str HOSTS[] = {S("localhost"), S("127.0.0.1")};
	struct cert_request request = {.name = S("localhost"),
	    .hosts = HOSTS,
	    .host_count = 2,
	    .not_before = env_now(sys_env()),
	    .days = 2};
	struct tls_options options = {0};
	struct ssl_ctx_st *tls = NULL;
	struct fault fault = {0};

	check(cert_make(&options.cert_pem, &options.key_pem, b->arena, &request, &fault), &fault);
	check(tls_server_new(&tls, &options, &fault), &fault);
	check(file_write(
	          file_join(b->arena, str_c(b->dir), "cert.pem"), options.cert_pem, 0600, &fault),
	    &fault);
	check(file_write(
	          file_join(b->arena, str_c(b->dir), "key.pem"), options.key_pem, 0600, &fault),
	    &fault);
	return tls;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

int main(int argc, char **argv)
{
	struct bench b = {.arena = arena_new(ARENA_MAX)};
	struct http_server_options options = {
	    .body_max = 64 << 20, .connections_max = 1000, .handler = handle, .ctx = &b};
	struct http_server *server = NULL;
	struct loop *loop = NULL;
	struct fault fault = {0};
	unsigned port = 0;
	uint64_t objects = 0;
	char command[128];

	if (argc < 2) {
		(void)fprintf(stderr, "usage: taxii_bench OBJECTS | FILE [PAGE]\n");
		return 2;
	}
	prepare(&b);
	if (str_u64(str_c(argv[1]), &objects) == OK)
		fill(&b, objects);
	else
		restore(&b, argv[1], argc > 2 ? argv[2] : "1000");
	check(store_commit(b.store, &fault), &fault);
	catch_up(&b);
	check(gate_open(&b.gate, str_c(b.dir), sys_env(), &fault), &fault);
	b.rpc = (struct rpc){call, &b};
	b.identify = identify_new(
	    &(struct identify_options){.gate = b.gate, .rpc = &b.rpc, .env = sys_env()});
	b.taxii = taxii_new(&(struct taxii_options){b.gate, &b.rpc, sys_env()});
	check(loop_new(&loop, &fault), &fault);
	options.base = loop_base(loop);
	options.listen_fd = listening(&port);
	options.tls = make_tls(&b);
	check(http_server_new(&server, &options, &fault), &fault);
	(void)loop_signal_new(loop, SIGTERM, stop, loop);
	(void)loop_signal_new(loop, SIGINT, stop, loop);
	printf("{\"event\":\"ready\",\"url\":\"https://127.0.0.1:%u/\",\"dir\":\"%s\"}\n", port,
	    b.dir);
	(void)fflush(stdout);
	check(loop_run(loop, &fault), &fault);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", b.dir);
	return system(command) == 0 ? 0 : 2;
}
