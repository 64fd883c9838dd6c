/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over a real ledger, with a core that runs operations when the test says so. */
#include "world.h"

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/request.h"
#include "base/buf.h"

struct command_ticket {
	bool answered;
	enum err status;
	char reply[2048];
};

struct scene {
	struct world w;
	struct config config;
	struct command_ctx ctx;
	void *part;
	struct command_ticket ticket;
	struct buf reply;
	char asked[64]; /* of the signer, last */
	size_t asks;
	char ran[512], request[32]; /* what the core was told to run, last */
	size_t runs;
	bool later;
	rpc_done done;
	void *done_ctx;
	enum err outcome;
};

void command_answer(struct command_ticket *t, enum err status, struct str reply)
{
	assert_false(t->answered);
	t->answered = true;
	t->status = status;
	(void)snprintf(t->reply, sizeof(t->reply), "%.*s", STR_ARG(reply));
}

static enum err signer_call(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx)
{
	struct scene *s = ctx;

	s->asks++;
	(void)snprintf(s->asked, sizeof(s->asked), "%.*s", STR_ARG(call->op));
	done(done_ctx, OK, S("{}"));
	return OK;
}

static enum err core_run(
    void *core, const struct rpc_call *call, struct str request, rpc_done done, void *ctx)
{
	struct scene *s = core;

	s->runs++;
	(void)snprintf(s->ran, sizeof(s->ran), "%.*s by %.*s: %.*s", STR_ARG(call->op),
	    STR_ARG(call->by), STR_ARG(call->args));
	(void)snprintf(s->request, sizeof(s->request), "%.*s", STR_ARG(request));
	s->done = done;
	s->done_ctx = ctx;
	if (!s->later)
		done(ctx, s->outcome, s->outcome == OK ? S("{}") : S("no"));
	return OK;
}

static void open_part(struct scene *s)
{
	WORLD_OK(&s->w, ADMIN_REQUESTS.open(&s->part, &s->ctx, &s->w.fault));
}

static void make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_make(&s->w);
	world_decide(&s->w, "account/ann", "{\"role\":\"admin\"}");
	world_decide(&s->w, "account/bob", "{\"role\":\"admin\"}");
	world_decide(&s->w, "account/cyd", "{\"role\":\"analyst\"}");
	world_follow(&s->w);
	s->ctx = (struct command_ctx){.store = s->w.store,
	    .people = s->w.people,
	    .env = &s->w.env,
	    .config = &s->config,
	    .dir = str_c(s->w.dir),
	    .run = core_run,
	    .core = s,
	    .signer = {signer_call, s}};
	buf_init(&s->reply, 1 << 16);
	open_part(s);
}

static void end(struct scene *s)
{
	ADMIN_REQUESTS.close(s->part);
	buf_free(&s->reply);
	world_end(&s->w);
}

static enum err ask(struct scene *s, const char *by, const char *op, const char *args)
{
	const struct rpc_call call = {
	    .op = str_c(op), .by = str_c(by), .args = str_c(args), .fd = -1};
	struct command_reply reply = {.json = &s->reply, .ticket = &s->ticket};
	const struct command *c = ADMIN_REQUESTS.commands;
	enum err rc;

	buf_reset(&s->reply);
	s->ticket = (struct command_ticket){0};
	while (c->op && strcmp(c->op, op) != 0)
		c++;
	rc = c->op ? c->run(s->part, &call, &reply, &s->w.fault)
	           : admin_request_make(s->part, &call, &reply, &s->w.fault);
	if (rc == OK && reply.later && s->ticket.answered) {
		rc = s->ticket.status;
		buf_put(&s->reply, str_c(s->ticket.reply));
	}
	world_commit(&s->w);
	return rc;
}

/* A text member of the last answer. */
static void member(struct scene *s, const char *name, char *out, size_t room)
{
	char key[32];
	struct str text = buf_str(&s->reply);

	(void)snprintf(key, sizeof(key), "\"%s\":\"", name);
	text = str_from(text, str_search(text, str_c(key)) + strlen(key));
	(void)snprintf(out, room, "%.*s", STR_ARG(str_slice(text, 0, str_find(text, '"'))));
}

struct made {
	char id[32], approval[160];
};

static struct made request(struct scene *s, const char *op, const char *args)
{
	struct made m;
	char hash[80];

	WORLD_OK(&s->w, ask(s, "ann", op, args));
	member(s, "id", m.id, sizeof(m.id));
	member(s, "hash", hash, sizeof(hash));
	assert_int_equal(strlen(hash), 64);
	(void)snprintf(
	    m.approval, sizeof(m.approval), "{\"id\":\"%s\",\"hash\":\"%s\"}", m.id, hash);
	return m;
}

static bool is(struct scene *s, const struct made *m, const char *state)
{
	char path[64], want[64];
	struct str content;

	(void)snprintf(path, sizeof(path), "request/%s", m->id);
	(void)snprintf(want, sizeof(want), "\"state\":\"%s\"", state);
	content = store_content(s->w.store, store_find(s->w.store, str_c(path)));
	return str_search(content, str_c(want)) < content.n;
}

static void what_is_approved_runs_in_the_name_of_who_asked(void **state)
{
	struct scene s;
	struct made m;

	(void)state;
	make(&s);
	assert_int_equal(ask(&s, "cyd", "community.remove", "{\"name\":\"x\"}"), ERR_DENIED);
	m = request(&s, "community.remove", "{\"name\":\"x\",\"n\":3,\"yes\":true}");
	assert_int_equal(ask(&s, "ann", "request.approve", m.approval), ERR_DENIED);
	assert_int_equal(ask(&s, "cyd", "request.approve", m.approval), ERR_DENIED);
	assert_int_equal(ask(&s, "nobody", "request.approve", m.approval), ERR_DENIED);
	assert_int_equal(s.runs, 0);
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), OK);
	assert_string_equal(
	    s.ran, "community.remove by ann: {\"name\":\"x\",\"n\":3,\"yes\":true}");
	assert_string_equal(s.request, m.id);
	assert_true(is(&s, &m, "done"));
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), ERR_CONFLICT);
	assert_int_equal(s.runs, 1);
	end(&s);
}

static void a_request_waits_for_a_day_and_no_longer(void **state)
{
	struct scene s;
	struct made old, young;

	(void)state;
	make(&s);
	old = request(&s, "account.password", "{\"name\":\"cyd\",\"password\":\"long enough\"}");
	assert_string_equal(s.asked, "set-password");
	s.w.clock += 12 * 3600 * USEC_PER_SEC;
	young = request(&s, "community.remove", "{\"name\":\"x\"}");
	s.w.clock += 12 * 3600 * USEC_PER_SEC;
	assert_int_equal(ask(&s, "bob", "request.approve", old.approval), ERR_CONFLICT);
	assert_int_equal(s.runs, 0);
	(void)request(&s, "community.remove", "{\"name\":\"y\"}");
	assert_true(is(&s, &old, "expired"));
	assert_string_equal(s.asked, "remove-password");
	assert_int_equal(ask(&s, "bob", "request.approve", young.approval), OK);
	end(&s);
}

/* G27: who is asked for has a name at once, for people to see, and none when nothing comes of it;
 * the ledger has the id alone. */
static void a_name_that_was_refused_is_forgotten(void **state)
{
	struct scene s;
	struct made m;
	char path[64], refusal[80];
	struct str content;

	(void)state;
	make(&s);
	m = request(&s, "account.add",
	    "{\"name\":\"dan\",\"role\":\"reader\",\"password\":\"long enough\"}");
	(void)snprintf(path, sizeof(path), "request/%s", m.id);
	content = store_content(s.w.store, store_find(s.w.store, str_c(path)));
	assert_int_equal(str_search(content, S("dan")), content.n);
	content = buf_str(&s.reply);
	assert_true(str_search(content, S("\\\"name\\\":\\\"dan\\\"")) < content.n);
	assert_non_null(people_by_name(s.w.people, S("dan")));
	(void)snprintf(refusal, sizeof(refusal), "{\"id\":\"%s\",\"reason\":\"no\"}", m.id);
	assert_int_equal(ask(&s, "bob", "request.refuse", refusal), OK);
	assert_null(people_by_name(s.w.people, S("dan")));
	/* A name that nobody has is not made by asking something else of it. */
	m = request(&s, "account.remove", "{\"name\":\"eve\"}");
	assert_null(people_by_name(s.w.people, S("eve")));
	assert_int_equal(
	    ask(&s, "ann", "account.add", "{\"name\":\"a b\",\"role\":\"reader\"}"), ERR_INVALID);
	end(&s);
}

static void what_waits_is_known_again_after_a_restart(void **state)
{
	struct scene s;
	struct made m;

	(void)state;
	make(&s);
	m = request(&s, "community.remove", "{\"name\":\"x\"}");
	/* Some in the view, some behind it. */
	world_follow(&s.w);
	for (int i = 1; i < REQUESTS_MAX; i++)
		(void)request(&s, "community.remove", "{\"name\":\"y\"}");
	assert_int_equal(ask(&s, "ann", "community.remove", "{\"name\":\"z\"}"), ERR_LIMIT);
	ADMIN_REQUESTS.close(s.part);
	open_part(&s);
	assert_int_equal(ask(&s, "ann", "community.remove", "{\"name\":\"z\"}"), ERR_LIMIT);
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), OK);
	assert_int_equal(ask(&s, "ann", "community.remove", "{\"name\":\"z\"}"), OK);
	s.w.clock += 25 * 3600 * USEC_PER_SEC;
	assert_int_equal(ask(&s, "ann", "community.remove", "{\"name\":\"z\"}"), OK);
	end(&s);
}

static void what_ails_the_node_leaves_a_request_waiting(void **state)
{
	struct scene s;
	struct made m, other;

	(void)state;
	make(&s);
	m = request(&s, "community.remove", "{\"name\":\"x\"}");
	other = request(&s, "community.remove", "{\"name\":\"y\"}");
	s.outcome = ERR_FULL;
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), ERR_FULL);
	assert_true(is(&s, &m, "waiting"));
	/* Nothing runs twice while it runs. */
	s.later = true;
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), OK);
	assert_false(s.ticket.answered);
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), ERR_BUSY);
	assert_int_equal(ask(&s, "bob", "request.approve", other.approval), ERR_BUSY);
	assert_int_equal(ask(&s, "bob", "request.refuse", m.approval), ERR_BUSY);
	s.done(s.done_ctx, ERR_NOT_FOUND, S("there is no x"));
	assert_int_equal(s.ticket.status, ERR_NOT_FOUND);
	world_commit(&s.w);
	assert_true(is(&s, &m, "failed"));
	s.later = false;
	s.outcome = OK;
	assert_int_equal(ask(&s, "bob", "request.approve", other.approval), OK);
	end(&s);
}

static void a_changed_request_is_not_the_one_that_was_looked_at(void **state)
{
	struct scene s;
	struct made m;
	char path[64], content[1024];
	struct str was;
	size_t at;

	(void)state;
	make(&s);
	m = request(&s, "community.remove", "{\"name\":\"x\"}");
	(void)snprintf(path, sizeof(path), "request/%s", m.id);
	was = store_content(s.w.store, store_find(s.w.store, str_c(path)));
	(void)snprintf(content, sizeof(content), "%.*s", STR_ARG(was));
	at = str_search(str_c(content), S("\\\"x\\\""));
	content[at + 2] = 'y';
	WORLD_OK(&s.w, admin_decide(&s.ctx, str_c(path), str_c(content), &s.w.fault));
	assert_int_equal(ask(&s, "bob", "request.approve", m.approval), ERR_CONFLICT);
	assert_int_equal(s.runs, 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_approved_runs_in_the_name_of_who_asked),
	    cmocka_unit_test(a_request_waits_for_a_day_and_no_longer),
	    cmocka_unit_test(a_name_that_was_refused_is_forgotten),
	    cmocka_unit_test(what_waits_is_known_again_after_a_restart),
	    cmocka_unit_test(what_ails_the_node_leaves_a_request_waiting),
	    cmocka_unit_test(a_changed_request_is_not_the_one_that_was_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
