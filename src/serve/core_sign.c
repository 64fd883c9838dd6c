/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: after a commit the signer is asked for one, at most ten a second. It signs only what
 * provably continues what it signed before. */
#include "base/base64.h"
#include "codec/json.h"
#include "serve/core.h"

enum { SIGN_ARENA_MAX = 1 << 20 };

#define SIGNATURE_LINE S("\n\xe2\x80\x94 ")

static const usec SIGN_INTERVAL = USEC_PER_SEC / 10;

/* The size that a checkpoint's text states; 0 when there is none. */
static uint64_t size_of(struct str note)
{
	uint64_t size = 0;

	(void)str_cut(&note, '\n');
	return str_u64(str_cut(&note, '\n'), &size) == OK ? size : 0;
}

/* A checkpoint of before the node had its second key. */
static bool lacks_signature(struct str note)
{
	size_t first = str_search(note, SIGNATURE_LINE);

	return str_search(str_from(note, first + 1), SIGNATURE_LINE) == note.n - first - 1;
}

static void put_proof(struct json_writer *w, const struct proof *proof)
{
	json_list(w, "proof");
	for (size_t i = 0; i < proof->count; i++) {
		struct buf text;

		buf_init(&text, 64);
		base64_put(&text, (struct str){(const char *)proof->hashes[i].b, SHA256_LEN});
		json_put_str(w, NULL, buf_str(&text));
		buf_free(&text);
	}
	json_end_list(w);
}

static void on_signed(void *ctx, enum err status, struct str reply);

static enum err ask(struct core *core, struct fault *fault)
{
	struct core_sign *s = &core->sign;
	struct proof proof = {0};
	struct json_writer w;
	struct str text;
	struct buf args;
	enum err rc;

	arena_reset(s->arena);
	s->asked = store_size(core->store);
	TRY(store_checkpoint_text(
	    core->store, core->role->config.origin, s->asked, s->arena, &text, fault));
	if (s->from > 0)
		TRY(store_prove_consistency(
		    core->store, s->from, s->asked, s->arena, &proof, fault));
	buf_init(&args, 64 << 10);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", text);
	json_put_int(&w, "old_size", (int64_t)s->from);
	put_proof(&w, &proof);
	json_end_object(&w);
	rc = args.failed;
	if (rc == OK)
		rc = core->ctx.signer.call(core->ctx.signer.ctx,
		    &(struct rpc_call){
		        .op = S("sign-checkpoint"), .args = buf_str(&args), .fd = -1},
		    on_signed, core);
	buf_free(&args);
	if (rc != OK)
		return fail(fault, rc, "the signer cannot be asked");
	return OK;
}

static void sign_now(void *ctx)
{
	struct core *core = ctx;
	struct core_sign *s = &core->sign;
	struct fault fault;
	enum err rc;

	s->last = sys_monotonic();
	if (store_size(core->store) == s->size) {
		s->busy = false;
		core_stop_if_done(core);
		return;
	}
	rc = ask(core, &fault);
	if (rc == OK)
		return;
	/* A signer that is away says so when it is back: core_sign_due is called then. */
	s->busy = false;
	if (rc != ERR_CLOSED)
		log_event(&core->role->log, LOG_ERROR, "checkpoint.unasked",
		    LOG_KV({"text", str_c(fault.text)}));
	core_stop_if_done(core);
}

static void refuse(struct core *core, struct str why)
{
	struct arena *arena = core->sign.arena;

	core->sign.refused = true;
	arena_reset(arena);
	role_alarm(core->role, "ledger-unsigned",
	    arena_printf(arena, "The signer refuses the ledger: %.*s", STR_ARG(why)).p);
}

/* The signer remembers another size than we: it says which. */
static bool learn_size(struct core *core, struct str reply)
{
	uint64_t size;

	if (str_u64(reply, &size) != OK || size == core->sign.from ||
	    size > store_size(core->store))
		return false;
	core->sign.from = size;
	return true;
}

static void on_signed(void *ctx, enum err status, struct str reply)
{
	struct core *core = ctx;
	struct core_sign *s = &core->sign;
	struct fault fault;

	s->busy = false;
	if (status == OK) {
		status = store_put_checkpoint(core->store, reply, &fault);
		if (status == OK) {
			s->size = s->asked;
			s->from = s->asked;
			core_push_committed(core);
			core_views_moved(core);
		} else {
			log_event(&core->role->log, LOG_ERROR, "checkpoint.unwritten",
			    LOG_KV({"text", str_c(fault.text)}));
		}
	} else if (status == ERR_BUSY && learn_size(core, reply)) {
		s->last = 0;
	} else if (status != ERR_CLOSED) {
		refuse(core, reply);
	}
	if (status != ERR_CLOSED)
		core_sign_due(core);
	core_stop_if_done(core);
}

void core_sign_due(struct core *core)
{
	struct core_sign *s = &core->sign;
	usec wait;

	if (s->busy || s->refused || !core->signer_chan || store_size(core->store) == s->size)
		return;
	s->busy = true;
	wait = s->last + SIGN_INTERVAL - sys_monotonic();
	loop_timer_set(s->timer, s->last == 0 || wait < 0 ? 0 : wait);
}

bool core_sign_done(const struct core *core)
{
	const struct core_sign *s = &core->sign;

	return !s->busy && (s->refused || !core->signer_chan || store_size(core->store) == s->size);
}

enum err core_sign_open(struct core *core, struct fault *fault)
{
	struct core_sign *s = &core->sign;
	struct str note = STR_NONE;

	s->arena = arena_new(SIGN_ARENA_MAX);
	s->timer = loop_timer_new(core->role->loop, sign_now, core);
	TRY(store_checkpoint(core->store, s->arena, &note, fault));
	s->size = size_of(note);
	s->from = s->size;
	if (s->size > 0 && lacks_signature(note))
		s->size = 0;
	return OK;
}

void core_sign_close(struct core *core)
{
	loop_timer_free(core->sign.timer);
	arena_free(core->sign.arena);
}
