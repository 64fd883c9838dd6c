/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/arms.h"

#include <string.h>

#include "base/mem.h"
#include "intake/live/calls.h"
#include "match/index.h"

enum { ARENA_MAX = 16 << 20 };

struct arms {
	struct patterns *file;
	struct arm *list;
	size_t count;
	size_t bytes;
	struct calls *calls;
	struct live_figures figures;
};

enum err arms_open(struct arms **out, struct str views, struct fault *fault)
{
	struct arms *a = mem_alloc(sizeof(*a));
	enum err rc = patterns_open(&a->file, views, fault);

	if (rc != OK) {
		mem_free(a);
		return rc;
	}
	a->calls = calls_new();
	*out = a;
	return OK;
}

void arm_body_release(struct arm_body *b)
{
	if (!b || --b->holders)
		return;
	arena_free(b->arena);
	mem_free(b);
}

static void let_go(struct arm *arm)
{
	arm_body_release(arm->body);
	arm->body = NULL;
}

void arms_close(struct arms *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		let_go(&a->list[i]);
	mem_free(a->list);
	calls_free(a->calls);
	patterns_close(a->file);
	mem_free(a);
}

uint64_t arm_wants(const struct pattern_span *s)
{
	uint64_t sum = s->kind == PATTERN_GROUP ? s->count : 0;

	for (const struct pattern_span *part = s->first; part; part = part->next) {
		uint64_t n = arm_wants(part);

		sum = s->kind != PATTERN_EITHER ? sum + n : n > sum ? n : sum;
	}
	if (s->kind == PATTERN_TIMES && sum && s->count > ARM_ITEMS_MAX / sum)
		return ARM_ITEMS_MAX + 1;
	sum *= s->kind == PATTERN_TIMES ? s->count : 1;
	return sum > ARM_ITEMS_MAX ? ARM_ITEMS_MAX + 1 : sum;
}

static enum err prepare(struct pattern_program **program, struct sift *sift, struct arena *arena,
    struct str text, struct fault *fault)
{
	struct str copy = arena_str(arena, text);
	size_t at;

	if (!copy.p)
		return fail(fault, ERR_NOMEM, "no memory to compile the pattern");
	TRY(pattern_compile(program, arena, copy, PATTERN_READ_LENIENT, &at, fault));
	if (arm_wants((*program)->root) > ARM_ITEMS_MAX)
		return fail(fault, ERR_LIMIT, "it wants more than %d observations", ARM_ITEMS_MAX);
	return sift_program(sift, arena, *program);
}

static void arm_one(struct arms *a, struct arm *arm, struct str text)
{
	struct arm_body *b = mem_alloc(sizeof(*b));
	enum err rc;

	b->holders = 1;
	b->arena = arena_new(ARENA_MAX);
	arm->body = b;
	rc = prepare(&b->program, &b->sift, b->arena, text, NULL);
	if (rc == OK && a->bytes + arena_used(b->arena) > ARM_BYTES_MAX)
		rc = ERR_LIMIT;
	if (rc == OK && !b->sift.never) {
		arm->state = ARM_LIVE;
		a->bytes += arena_used(b->arena);
		return;
	}
	arm->state = rc == OK ? ARM_NEVER : ARM_REFUSED;
	let_go(arm);
}

struct live_figures *arms_figures(struct arms *a)
{
	return &a->figures;
}

void arms_count_due(struct arms *a, usec now)
{
	struct live_figures *f = &a->figures;

	f->armed = 0;
	for (size_t i = 0; i < a->count; i++)
		f->armed += a->list[i].state == ARM_LIVE &&
		            index_is_due(a->list[i].from, a->list[i].until, now);
	/* Who is not due is called, and looks at nothing. */
	f->broad = calls_broad(a->calls);
	f->broad = f->broad < f->armed ? f->broad : f->armed;
}

/* Whom to call is told anew. */
static void call_all(struct arms *a)
{
	struct live_figures *f = &a->figures;

	calls_clear(a->calls);
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i].state == ARM_LIVE)
			calls_add(a->calls, (uint32_t)i, &a->list[i].body->sift);
	calls_settle(a->calls);
	f->never = arms_in(a, ARM_NEVER);
	f->refused = arms_in(a, ARM_REFUSED);
	f->disarmed = arms_in(a, ARM_DISARMED);
	f->waiting = a->file ? patterns_count(a->file) - patterns_armed(a->file) : 0;
}

/* The next of the list; who stays is taken over from the old ones, of which *k are done with. */
static void next_arm(
    struct arms *a, const struct live_pattern *p, struct arm *old, size_t count, size_t *k)
{
	struct arm *arm = &a->list[a->count++];

	for (; *k < count && old[*k].seq < p->seq; ++*k)
		let_go(&old[*k]);
	if (*k < count && old[*k].seq == p->seq) {
		*arm = old[(*k)++];
		a->bytes += arm->body ? arena_used(arm->body->arena) : 0;
	} else {
		*arm = (struct arm){.seq = p->seq};
		if (p->id.n < ARM_ID_MAX)
			memcpy(arm->id, p->id.p ? p->id.p : "", p->id.n);
		arm_one(a, arm, p->text);
	}
	arm->from = p->from;
	arm->until = p->until;
}

bool arms_refresh(struct arms *a)
{
	struct arm *old = a->list;
	size_t count = a->count, k = 0;

	if (!a->file || !patterns_refresh(a->file))
		return false;
	a->list = mem_grow(NULL, patterns_armed(a->file) + 1, sizeof(*a->list));
	a->count = 0;
	a->bytes = 0;
	for (size_t i = 0; i < patterns_count(a->file); i++) {
		struct live_pattern p = patterns_at(a->file, i);

		if (p.text.p)
			next_arm(a, &p, old, count, &k);
	}
	for (; k < count; k++)
		let_go(&old[k]);
	mem_free(old);
	call_all(a);
	return true;
}

struct arms *arms_of(const struct live_pattern *list, size_t count)
{
	struct arms *a = mem_alloc(sizeof(*a));
	struct arm none;
	size_t k = 0;

	a->calls = calls_new();
	a->list = mem_grow(NULL, count + 1, sizeof(*a->list));
	for (size_t i = 0; i < count; i++)
		next_arm(a, &list[i], &none, 0, &k);
	call_all(a);
	return a;
}

size_t arms_count(const struct arms *a)
{
	return a->count;
}

struct arm *arms_at(struct arms *a, size_t i)
{
	return &a->list[i];
}

size_t arms_in(const struct arms *a, enum arm_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += a->list[i].state == state;
	return n;
}

size_t arms_broad(const struct arms *a)
{
	return calls_broad(a->calls);
}

void arm_strike(struct arm *arm)
{
	if (++arm->strikes == ARM_STRIKES_MAX)
		arm->state = ARM_DISARMED;
}

void arms_settle(struct arms *a)
{
	if (a->figures.disarmed != arms_in(a, ARM_DISARMED))
		call_all(a);
}

struct arms_answer arms_for_event(struct arms *a, const struct match_event *event, bool *deeper)
{
	struct arms_answer answer = {0};

	*deeper = false;
	if (!calls_any(a->calls))
		return answer;
	answer.list = calls_for_event(a->calls, event, &answer.count, deeper);
	return answer;
}

struct arms_answer arms_for_observed(
    struct arms *a, const struct match_event *event, const struct observed *o)
{
	struct arms_answer answer = {0};

	answer.list = calls_for_observed(a->calls, event, o, &answer.count);
	return answer;
}

void arm_judge(struct arm_verdict *out, struct arena *arena, struct str pattern)
{
	struct arena *work = arena_new(ARENA_MAX);
	struct pattern_program *program;
	struct fault fault = {.code = OK};
	struct sift sift;
	enum err rc = ERR_LIMIT;

	*out = (struct arm_verdict){.state = ARM_LIVE};
	if (pattern.n <= PATTERNS_BYTES_MAX)
		rc = prepare(&program, &sift, work, pattern, &fault);
	if (rc != OK) {
		out->state = ARM_REFUSED;
		out->reason = fault.text[0] ? arena_str(arena, str_c(fault.text))
		                            : S("it is too large to be matched on events");
	} else if (sift.never) {
		out->state = ARM_NEVER;
		out->reason = S("no event of a sensor tells what it asks for");
	}
	arena_free(work);
}
