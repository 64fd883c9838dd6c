/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: greeting, being let in or not, and what is said when it is up. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "link/internal.h"

static const usec PATIENCE = 10 * USEC_PER_SEC; /* with the greeting */
static const usec CLOCK_EVERY = 60 * USEC_PER_SEC;

/* An invitation that core is asked about; outlives the connection when need be. */
struct joining {
	struct link_session *s; /* NULL: gone */
};

static bool is_waiting(const struct link_session *s)
{
	return s->phase != PHASE_UP && s->phase != PHASE_LEAVING;
}

static void set_phase(struct link_session *s, enum phase phase)
{
	bool before = is_waiting(s);

	s->phase = phase;
	s->link->waiting -= before && !is_waiting(s);
}

/* From here on neither slot nor engine knows it. */
static void detach(struct link_session *s)
{
	struct slot *slot = s->slot;

	s->slot = NULL;
	if (!slot)
		return;
	if (slot->dialling == s)
		slot->dialling = NULL;
	if (slot->up != s)
		return;
	slot->up = NULL;
	log_event(s->link->o.log, LOG_INFO, "link.down", LOG_KV({"peer", slot->peer.name}));
	if (s->link->o.engine.down)
		s->link->o.engine.down(s->state);
}

void talk_drop(struct link_session *s)
{
	detach(s);
	set_phase(s, PHASE_LEAVING);
	if (s->joining)
		s->joining->s = NULL;
	if (s->previous)
		s->previous->next = s->next;
	else
		s->link->sessions = s->next;
	if (s->next)
		s->next->previous = s->previous;
	loop_timer_free(s->timer);
	wire_free(s->wire);
	mem_free(s);
}

void talk_leave(struct link_session *s, struct str reason)
{
	detach(s);
	set_phase(s, PHASE_LEAVING);
	loop_timer_clear(s->timer);
	wire_close(s->wire, reason);
}

/* Leaves, and tells the slot why there is no link. */
static void give_up(struct link_session *s, struct str there, struct str here)
{
	struct slot *slot = s->slot;

	talk_leave(s, there);
	if (slot)
		slot_lost(slot, here);
}

static void say(struct link_session *s, uint16_t type, const struct buf *body)
{
	/* A wire that is closed says so by itself. */
	if (body->failed == OK)
		(void)!wire_send_always(
		    s->wire, &(struct wire_message){.type = type, .body = buf_str(body)});
}

static void ask_time(struct link_session *s)
{
	struct buf b;

	buf_init(&b, 8);
	s->asked = env_now(s->link->o.env);
	buf_u64(&b, (uint64_t)s->asked);
	say(s, LINK_CLOCK, &b);
	buf_free(&b);
	loop_timer_set(s->timer, CLOCK_EVERY);
}

static void on_timer(void *ctx)
{
	struct link_session *s = ctx;

	if (s->phase == PHASE_UP)
		ask_time(s);
	else if (s->phase != PHASE_LEAVING)
		give_up(
		    s, S("the greeting took too long"), S("the other side did not greet in time"));
}

static void note_facts(struct slot *slot, const struct tls_facts *f)
{
	(void)snprintf(slot->group, sizeof(slot->group), "%s", f->group);
	slot->post_quantum = f->post_quantum;
	slot->cert_expires = f->cert_expires;
}

/* Two connections at once: that of the side whose turn it is to dial stays, else the newer. */
static bool gives_way(const struct link_session *s, const struct slot *slot)
{
	bool ours = slot_is_ours_to_dial(slot);

	return slot->up && slot->up != s && slot->up->client == ours && s->client != ours;
}

static void come_up(struct link_session *s, struct slot *slot)
{
	struct link *l = s->link;

	if (slot->up)
		talk_leave(slot->up, S("a newer connection takes this one's place"));
	if (slot->dialling && slot->dialling != s)
		talk_drop(slot->dialling);
	slot->dialling = NULL;
	loop_timer_clear(slot->retry);
	s->slot = slot;
	slot->up = s;
	set_phase(s, PHASE_UP);
	slot->failures = 0;
	slot->error[0] = '\0';
	slot->since = env_now(l->o.env);
	note_facts(slot, wire_facts(s->wire));
	report_alarm(slot, ALARM_CLASSICAL, false);
	report_alarm(slot, ALARM_CERTIFICATE, false);
	link_check_certificates(l);
	wire_set_body_max(s->wire, 0);
	log_event(l->o.log, LOG_INFO, "link.up",
	    LOG_KV({"peer", slot->peer.name}, {"group", str_c(slot->group)},
	        {"dialled", s->client ? S("yes") : S("no")}));
	talk_say_keys(s);
	if (l->o.engine.up)
		s->state = l->o.engine.up(l->o.engine.ctx, s, &slot->peer);
	ask_time(s);
	report_changed(l);
}

/* The verdict is no: both sides get words, and an alarm where somebody may be at work. */
static void refuse(struct link_session *s, struct slot *slot, enum admit verdict)
{
	struct link *l = s->link;

	log_event(l->o.log, LOG_WARNING, "link.refused",
	    LOG_KV({"peer", slot ? slot->peer.name : S("unknown")},
	        {"why", str_c(admit_words_here(verdict))}));
	if (slot && (verdict == ADMIT_CLASSICAL || verdict == ADMIT_OTHER))
		report_alarm(
		    slot, verdict == ADMIT_CLASSICAL ? ALARM_CLASSICAL : ALARM_CERTIFICATE, true);
	if (slot && verdict == ADMIT_CLASSICAL) {
		note_facts(slot, wire_facts(s->wire));
		report_changed(l);
	}
	give_up(s, str_c(admit_words_there(verdict)), str_c(admit_words_here(verdict)));
}

static void on_ready(void *ctx, struct wire *w)
{
	struct link_session *s = ctx;
	struct hello hello = {.identity = s->link->o.identity};
	enum admit verdict;
	struct buf b;

	set_phase(s, PHASE_GREETING);
	/* Who dialled us says so first. */
	if (!s->client)
		return;
	verdict = link_admit(&s->slot->peer, wire_facts(w));
	if (verdict != ADMIT_YES) {
		refuse(s, s->slot, verdict);
		return;
	}
	buf_init(&b, LINK_GREETING_MAX);
	hello_put(&b, &hello);
	say(s, LINK_HELLO, &b);
	buf_free(&b);
}

static void say_welcome(struct link_session *s)
{
	struct welcome welcome = {.identity = s->link->o.identity, .now = env_now(s->link->o.env)};
	struct buf b;

	buf_init(&b, LINK_GREETING_MAX);
	welcome_put(&b, &welcome);
	say(s, LINK_WELCOME, &b);
	buf_free(&b);
}

static enum err on_hello(struct link_session *s, struct str body, struct fault *fault)
{
	const struct tls_facts *facts = wire_facts(s->wire);
	struct slot *slot = link_slot_of(s->link, &facts->cert);
	enum admit verdict = link_admit(slot ? &slot->peer : NULL, facts);
	struct hello hello;

	TRY(hello_read(&hello, s->link->arena, body, fault));
	if (!slot || verdict != ADMIT_YES) {
		refuse(s, slot, verdict);
		return OK;
	}
	if (!str_eq(hello.identity, slot->peer.identity))
		return fail(fault, ERR_DENIED, "your certificate belongs to another identity");
	if (hello.test) {
		say_welcome(s);
		talk_leave(s, S("the test is over"));
		return OK;
	}
	if (gives_way(s, slot))
		return fail(fault, ERR_CONFLICT, "there is a link already");
	say_welcome(s);
	come_up(s, slot);
	return OK;
}

static enum err on_welcome(struct link_session *s, struct str body, struct fault *fault)
{
	struct slot *slot = s->slot;
	struct welcome welcome;

	TRY(welcome_read(&welcome, s->link->arena, body, fault));
	if (!str_eq(welcome.identity, slot->peer.identity))
		return fail(fault, ERR_DENIED, "your certificate belongs to another identity");
	if (gives_way(s, slot))
		talk_leave(s, S("there is a link already"));
	else
		come_up(s, slot);
	return OK;
}

static void on_joined(void *ctx, enum err status, struct str reply)
{
	struct joining *j = ctx;
	struct link_session *s = j->s;

	mem_free(j);
	if (!s)
		return;
	s->joining = NULL;
	if (status == OK)
		(void)!wire_send_always(
		    s->wire, &(struct wire_message){.type = LINK_JOINED, .body = reply});
	talk_leave(s, status == OK ? S("welcome") : reply);
}

static void put_join(struct buf *out, const struct join *j, const struct tls_facts *facts)
{
	char binding[2 * TLS_BINDING + 1];
	char cert[2 * SHA256_LEN + 1];
	struct json_writer w = json_writer(out);
	struct sha256 bytes;

	memcpy(bytes.b, facts->binding, sizeof(bytes.b));
	admit_hex(binding, &bytes);
	admit_hex(cert, &facts->cert);
	json_object(&w, NULL);
	json_put_str(&w, "id", j->id);
	json_put_str(&w, "proof", j->proof);
	json_put_str(&w, "statement", j->statement);
	json_put_str(&w, "binding", str_c(binding));
	json_put_str(&w, "cert", str_c(cert));
	json_end_object(&w);
}

static enum err on_join(struct link_session *s, struct str body, struct fault *fault)
{
	const struct rpc *rpc = &s->link->o.rpc;
	struct rpc_call call = {.op = S("peer.join"), .by = S("link"), .fd = -1};
	struct joining *joining;
	struct join j;
	struct buf args;
	enum err rc;

	TRY(join_read(&j, s->link->arena, body, fault));
	if (!wire_facts(s->wire)->post_quantum)
		return fail(fault, ERR_DENIED, "%s", admit_words_there(ADMIT_CLASSICAL));
	buf_init(&args, 2 * LINK_GREETING_MAX);
	put_join(&args, &j, wire_facts(s->wire));
	call.args = buf_str(&args);
	joining = mem_alloc(sizeof(*joining));
	joining->s = s;
	s->joining = joining;
	set_phase(s, PHASE_JOINING);
	rc = args.failed == OK ? rpc->call(rpc->ctx, &call, on_joined, joining) : ERR_LIMIT;
	buf_free(&args);
	if (rc == OK)
		return OK;
	s->joining = NULL;
	mem_free(joining);
	return fail(fault, rc, "the node is busy: try again in a moment");
}

static void on_clock(struct link_session *s, struct str body)
{
	struct rd r = rd_of(body);
	uint64_t theirs = rd_u64(&r);
	struct buf b;

	buf_init(&b, 16);
	buf_u64(&b, theirs);
	buf_u64(&b, (uint64_t)env_now(s->link->o.env));
	/* Who asks without listening is not answered. */
	if (b.failed == OK)
		(void)!wire_send(s->wire, &(struct wire_message){LINK_CLOCK_BACK, buf_str(&b)});
	buf_free(&b);
}

static void on_clock_back(struct link_session *s, struct str body)
{
	struct rd r = rd_of(body);
	usec asked = (usec)rd_u64(&r);
	usec theirs = (usec)rd_u64(&r);

	/* An answer to nothing that we asked. */
	if (!rd_done(&r) || asked != s->asked)
		return;
	s->slot->clock = clock_skew(asked, theirs, env_now(s->link->o.env));
	s->slot->clock_known = true;
	report_alarm(s->slot, ALARM_CLOCK, clock_is_off(&s->slot->clock));
	report_changed(s->link);
}

void talk_say_keys(struct link_session *s)
{
	if (s->link->keys.n > 0)
		say(s, LINK_KEYS, &s->link->keys);
}

/* What was said of the peer's keys, while core is asked. Slots stay as long as the link. */
struct telling {
	struct slot *slot;
	struct sha256 hash;
};

static void say_taken(struct link_session *s, const struct sha256 *hash)
{
	struct buf b;

	buf_init(&b, SHA256_LEN);
	buf_put(&b, (struct str){(const char *)hash->b, SHA256_LEN});
	say(s, LINK_KEYS_TAKEN, &b);
	buf_free(&b);
}

static void on_taken(struct link_session *s, struct str body)
{
	struct sha256 hash = sha256(buf_str(&s->link->keys));

	s->slot->keys_taken = str_eq(body, (struct str){(const char *)hash.b, SHA256_LEN});
	report_changed(s->link);
}

static void on_keys_taken(void *ctx, enum err status, struct str reply)
{
	struct telling *telling = ctx;
	struct slot *slot = telling->slot;
	struct sha256 hash = telling->hash;
	bool refused =
	    status != OK && status != ERR_CLOSED && status != ERR_BUSY && status != ERR_FULL;

	if (status == OK || refused)
		report_alarm(slot, ALARM_KEYS, refused);
	mem_free(telling);
	if (status == OK) {
		if (slot->up)
			say_taken(slot->up, &hash);
		return;
	}
	log_event(slot->link->o.log, refused ? LOG_ALERT : LOG_WARNING, "link.keys",
	    LOG_KV({"peer", slot->peer.name}, {"text", reply}));
	if (slot->up)
		give_up(slot->up, S("your new keys are not taken here"), reply);
}

/* Core takes them before anything that comes behind them. */
static enum err on_keys(struct link_session *s, struct str body, struct fault *fault)
{
	const struct rpc *rpc = &s->link->o.rpc;
	struct str by = arena_printf(s->link->arena, "peer:%.*s", STR_ARG(s->slot->peer.name));
	struct rpc_call call = {.op = S("peer.keys"), .by = by, .args = body, .fd = -1};
	struct telling *telling;
	enum err rc;

	if (body.n > LINK_KEYS_MAX || !by.p)
		return fail(fault, ERR_LIMIT, "more is said of keys than is listened to");
	telling = mem_alloc(sizeof(*telling));
	*telling = (struct telling){.slot = s->slot, .hash = sha256(body)};
	rc = rpc->call(rpc->ctx, &call, on_keys_taken, telling);
	if (rc == OK)
		return OK;
	mem_free(telling);
	return fail(fault, rc, "the node is busy: try again in a moment");
}

static enum err on_talk(struct link_session *s, const struct wire_message *m, struct fault *fault)
{
	const struct link_engine *engine = &s->link->o.engine;

	if (m->type >= LINK_ENGINE_TYPES && engine->message)
		return engine->message(s->state, m->type, m->body, fault);
	if (m->type == LINK_CLOCK)
		on_clock(s, m->body);
	else if (m->type == LINK_CLOCK_BACK)
		on_clock_back(s, m->body);
	else if (m->type == LINK_KEYS)
		return on_keys(s, m->body, fault);
	else if (m->type == LINK_KEYS_TAKEN)
		on_taken(s, m->body);
	else
		return fail(fault, ERR_UNSUPPORTED,
		    "a message of kind %u is not understood here: both nodes need the same tocsin",
		    m->type);
	return OK;
}

static enum err on_greeting(
    struct link_session *s, const struct wire_message *m, struct fault *fault)
{
	if (s->client && m->type == LINK_WELCOME)
		return on_welcome(s, m->body, fault);
	if (!s->client && m->type == LINK_HELLO)
		return on_hello(s, m->body, fault);
	if (!s->client && m->type == LINK_JOIN)
		return on_join(s, m->body, fault);
	return fail(fault, ERR_PARSE, "that is no greeting");
}

static void on_message(void *ctx, struct wire *w, const struct wire_message *m)
{
	struct link_session *s = ctx;
	struct fault fault = {.code = OK};
	enum err rc = OK;

	(void)w;
	arena_reset(s->link->arena);
	if (s->phase == PHASE_UP)
		rc = on_talk(s, m, &fault);
	else if (s->phase == PHASE_GREETING)
		rc = on_greeting(s, m, &fault);
	else if (s->phase != PHASE_LEAVING)
		rc = fail(&fault, ERR_PARSE, "that is no greeting");
	if (rc != OK && s->phase != PHASE_LEAVING)
		give_up(s, str_c(fault.text), str_c(fault.text));
}

static void on_drained(void *ctx, struct wire *w)
{
	struct link_session *s = ctx;

	(void)w;
	if (s->phase == PHASE_UP && s->link->o.engine.drained)
		s->link->o.engine.drained(s->state);
}

static void on_closed(void *ctx, struct wire *w)
{
	struct link_session *s = ctx;
	struct slot *slot = s->slot;
	char text[WIRE_TEXT_MAX + 32];
	enum wire_end end;
	struct str why;

	end = wire_ended(w, &why);
	(void)snprintf(text, sizeof(text), "%s%.*s",
	    end == WIRE_REFUSED ? "the other side says: " : "", STR_ARG(why));
	talk_drop(s);
	if (slot)
		slot_lost(slot, str_c(text));
}

/* Short records often for a slow link, so that nothing waits long; full ones for a fast link. */
static void set_pace(struct wire_options *o, uint32_t kbit)
{
	enum { SLOW = 1000, SHORT_RECORD = 1024, BITS = 8, PER_KBIT = 1000 };

	if (kbit == 0)
		return;
	o->pace_bytes = kbit <= SLOW ? SHORT_RECORD : WIRE_PACE_MAX - TLS_LINK_BUCKET;
	o->pace_every = (usec)(o->pace_bytes * BITS * (USEC_PER_SEC / PER_KBIT) / kbit);
}

struct link_session *talk_open(struct link *l, struct slot *slot, int fd)
{
	struct link_session *s = mem_alloc(sizeof(*s));
	struct wire_options o = {.loop = l->o.loop,
	    .tls = l->o.tls,
	    .fd = fd,
	    .client = slot != NULL,
	    .body_max = LINK_GREETING_MAX,
	    .ready = on_ready,
	    .message = on_message,
	    .drained = on_drained,
	    .closed = on_closed,
	    .ctx = s};

	set_pace(&o, l->o.pace);
	s->link = l;
	s->slot = slot;
	s->client = o.client;
	s->wire = wire_new(&o);
	if (!s->wire) {
		mem_free(s);
		return NULL;
	}
	s->timer = loop_timer_new(l->o.loop, on_timer, s);
	loop_timer_set(s->timer, PATIENCE);
	s->next = l->sessions;
	if (s->next)
		s->next->previous = s;
	l->sessions = s;
	l->waiting++;
	return s;
}

enum err link_session_send(struct link_session *s, uint16_t type, struct str body)
{
	return wire_send(s->wire, &(struct wire_message){.type = type, .body = body});
}

enum err link_session_send_ahead(struct link_session *s, uint16_t type, struct str body)
{
	return wire_send_ahead(s->wire, &(struct wire_message){.type = type, .body = body});
}

void link_session_pause(struct link_session *s, bool pause)
{
	wire_pause(s->wire, pause);
}

void link_session_changed(struct link_session *s)
{
	report_changed(s->link);
}

void link_session_end(struct link_session *s, struct str reason)
{
	/* The engine may be inside one of its functions: it is told when the wire has closed. */
	wire_close(s->wire, reason);
}
