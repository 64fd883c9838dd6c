/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/core_seal.h"

#include "base/mem.h"
#include "codec/json.h"
#include "crypt/random.h"
#include "policy/label.h"
#include "seal/ledger.h"
#include "serve/core.h"

enum {
	PEERS_MAX = 4096,
	PEERS_AT_ONCE = 64,
	/* Records looked at in one turn of the loop. */
	LOOK_SLICE = 1 << 20,
	BATCH_SLICE = 1 << 16,
	COMMIT_SEALS = 16,
	SEAL_ARENA = 1 << 20,
};

/* Between seals that are not full. */
static const usec SEAL_INTERVAL = USEC_PER_SEC / 50;

struct core_seal {
	struct core *core;
	struct loop_timer *timer;
	struct arena *arena;
	/* Peers: the first record of each, up to the record `looked` at. */
	uint64_t looked;
	uint64_t *peers;
	size_t peer_count;
	bool peers_changed;
	bool active;
	/* Seals: number of the next, and the first record that none reaches. */
	struct seal_extent extent;
	struct seal_batch batch;
	uint64_t batch_next;
	usec batch_time;
	unsigned uncommitted;
	usec last;    /* when the last one was asked for */
	bool set;     /* the timer is */
	bool busy;    /* the signer is asked */
	bool refused; /* for good: an operator has to look */
};

static void soon(struct core_seal *s, usec wait)
{
	s->set = true;
	loop_timer_set(s->timer, wait > 0 ? wait : 0);
}

/* ---- peers ---- */

static void note_peer(struct core_seal *s, uint64_t seq)
{
	struct str id = store_id(s->core->store, seq);

	s->peers_changed = true;
	for (size_t i = 0; i < s->peer_count; i++)
		if (str_eq(store_id(s->core->store, s->peers[i]), id))
			return;
	if (s->peer_count == PEERS_MAX)
		return;
	if (s->peer_count % PEERS_AT_ONCE == 0)
		s->peers = mem_grow(s->peers, s->peer_count + PEERS_AT_ONCE, sizeof(*s->peers));
	s->peers[s->peer_count++] = seq;
}

static bool peer_is_active(struct core_seal *s, uint64_t seq)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	const struct store *store = s->core->store;
	uint64_t newest = store_find(store, store_id(store, seq));
	yyjson_val *peer;

	arena_reset(s->arena);
	return newest != STORE_NONE &&
	       json_parse(&peer, s->arena, store_content(store, newest), &limits, NULL) == OK &&
	       str_eq(json_get_str(peer, "state"), S("active"));
}

/* False when there is more to look at. */
static bool look_for_peers(struct core_seal *s)
{
	const struct store *store = s->core->store;
	uint64_t size = store_size(store);
	uint64_t end = size - s->looked > LOOK_SLICE ? s->looked + LOOK_SLICE : size;

	for (; s->looked < end; s->looked++)
		if (store_row(store, s->looked)->kind == RECORD_DECISION &&
		    str_starts(store_id(store, s->looked), S("peer/")))
			note_peer(s, s->looked);
	if (s->looked < size)
		return false;
	if (s->peers_changed) {
		s->active = false;
		for (size_t i = 0; i < s->peer_count && !s->active; i++)
			s->active = peer_is_active(s, s->peers[i]);
		s->peers_changed = false;
	}
	return true;
}

/* ---- seals ---- */

static void trouble(struct core_seal *s, const char *code, const struct fault *fault)
{
	log_event(&s->core->role->log, LOG_ERROR, code, LOG_KV({"text", str_c(fault->text)}));
}

/* False when the newest seal is gone, taken back by a commit that failed: then what the ledger says
 * counts again. */
static bool newest_is_there(struct core_seal *s)
{
	char id[SEAL_ID_MAX];
	struct fault fault;

	if (s->extent.seals == 0)
		return true;
	seal_id_own(id, s->extent.seals - 1);
	if (store_find(s->core->store, str_c(id)) != STORE_NONE)
		return true;
	if (seal_extent(&s->extent, s->core->store, &fault) != OK) {
		s->refused = true;
		trouble(s, "seal.unread", &fault);
	}
	return false;
}

/* A sync for each seal would cost as much as the seal. */
static void commit_if_last(struct core_seal *s)
{
	if (s->uncommitted == 0 ||
	    (s->uncommitted < COMMIT_SEALS && s->extent.next < store_size(s->core->store)))
		return;
	s->uncommitted = 0;
	core_commit(s->core, NULL, NULL);
}

static enum err append(struct core_seal *s, struct str note, struct fault *fault)
{
	const struct label red = {.tlp = TLP_RED};
	char label[LABEL_ENCODED_MAX];
	char id[SEAL_ID_MAX];
	struct record r = {.kind = RECORD_SEAL, .version = s->batch_time};
	struct buf content;
	uint64_t seq;
	enum err rc;

	s->batch.record.note = note;
	buf_init(&content, SEAL_RECORD_MAX);
	seal_record_put(&content, &s->batch.record);
	seal_id_own(id, s->extent.seals);
	r.id = str_c(id);
	r.label = (struct str){label, label_encode(&red, label)};
	r.content = buf_str(&content);
	rc = content.failed != OK ? fail(fault, content.failed, "a seal is too long")
	                          : store_append(s->core->store, &r, 1, &seq, fault);
	buf_free(&content);
	if (rc == OK) {
		s->extent = (struct seal_extent){s->extent.seals + 1, s->batch_next};
		s->uncommitted++;
		commit_if_last(s);
	}
	return rc;
}

static void on_sealed(void *ctx, enum err status, struct str reply)
{
	struct core_seal *s = ctx;
	struct fault fault = {0};
	enum err rc = status;

	s->busy = false;
	if (status == OK && newest_is_there(s))
		rc = append(s, reply, &fault);
	if (rc == ERR_FULL) {
		core_space_full(s->core);
	} else if (rc == ERR_CLOSED) {
		return; /* a signer that comes back says so */
	} else if (rc != OK) {
		if (status != OK)
			(void)fail(&fault, status, "%.*s", STR_ARG(reply));
		trouble(s, "seal.refused", &fault);
		role_alarm(s->core->role, "seals-unsigned", fault.text);
		s->refused = true;
	}
	core_seal_due(s);
}

static enum err ask(struct core_seal *s, struct fault *fault)
{
	struct core *core = s->core;
	struct seal seal = {.identity = core->role->config.identity,
	    .time = s->batch_time,
	    .root = *seal_tree_root(&s->batch.tree)};
	struct json_writer w;
	struct buf text, args;
	enum err rc;

	buf_init(&text, SEAL_TEXT_MAX);
	buf_init(&args, 2 * SEAL_TEXT_MAX);
	seal_text(&text, &seal);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&text));
	json_end_object(&w);
	rc = text.failed != OK ? text.failed : args.failed;
	/* Before the call: the answer may come within it. */
	s->busy = true;
	if (rc == OK)
		rc = core->ctx.signer.call(core->ctx.signer.ctx,
		    &(struct rpc_call){.op = S("sign-seal"), .args = buf_str(&args), .fd = -1},
		    on_sealed, s);
	buf_free(&text);
	buf_free(&args);
	if (rc == OK)
		return OK;
	s->busy = false;
	return fail(fault, rc, "the signer cannot be asked for a seal");
}

static enum err make_batch(struct core_seal *s, struct fault *fault)
{
	const struct store *store = s->core->store;
	uint64_t end = store_size(store);

	if (end - s->extent.next > BATCH_SLICE)
		end = s->extent.next + BATCH_SLICE;
	random_secret(s->batch.record.secret.b, SEAL_SECRET);
	s->batch_time = env_now(s->core->ctx.env);
	return seal_batch_make(&s->batch, store, s->core->role->config.identity, s->extent.next,
	    end, &s->batch_next, fault);
}

static enum err seal_batch(struct core_seal *s, struct fault *fault)
{
	TRY(make_batch(s, fault));
	if (s->batch.record.count > 0) {
		s->last = sys_monotonic();
		return ask(s, fault);
	}
	s->extent.next = s->batch_next;
	commit_if_last(s);
	core_seal_due(s);
	return OK;
}

static void seal_now(struct core_seal *s)
{
	struct fault fault;
	enum err rc;

	(void)newest_is_there(s);
	if (s->refused)
		return;
	rc = seal_batch(s, &fault);
	if (rc == ERR_BUSY)
		soon(s, SEAL_INTERVAL);
	if (rc == OK || rc == ERR_BUSY || rc == ERR_CLOSED)
		return;
	s->refused = true;
	trouble(s, "seal.unmade", &fault);
	role_alarm(s->core->role, "seals-unsigned", fault.text);
}

static void on_timer(void *ctx)
{
	struct core_seal *s = ctx;

	s->set = false;
	if (s->busy || s->refused || s->core->stopping)
		return;
	if (!look_for_peers(s))
		soon(s, 0);
	else if (s->active && s->core->signer_chan && !s->core->full &&
	         s->extent.next < store_size(s->core->store))
		seal_now(s);
}

void core_seal_due(struct core_seal *s)
{
	uint64_t size = store_size(s->core->store);
	usec wait;

	if (s->set || s->busy || s->refused || s->core->stopping)
		return;
	if (s->looked == size && (!s->active || s->extent.next >= size))
		return;
	/* A full one at once; a few records wait for others that may come. */
	wait = size - s->extent.next >= SEAL_LEAVES ? 0 : s->last + SEAL_INTERVAL - sys_monotonic();
	soon(s, s->last == 0 ? 0 : wait);
}

enum err core_seal_open(struct core_seal **out, struct core *core, struct fault *fault)
{
	struct core_seal *s = mem_alloc(sizeof(*s));
	enum err rc = seal_extent(&s->extent, core->store, fault);

	if (rc != OK) {
		mem_free(s);
		return rc;
	}
	s->core = core;
	s->arena = arena_new(SEAL_ARENA);
	s->timer = loop_timer_new(core->role->loop, on_timer, s);
	*out = s;
	return OK;
}

void core_seal_close(struct core_seal *s)
{
	if (!s)
		return;
	loop_timer_free(s->timer);
	arena_free(s->arena);
	mem_free(s->peers);
	mem_free(s);
}
