/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/history/feed.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/table.h"
#include "intake/messages.h"

enum { HEAD_MAX = 256, OBSERVATIONS = 1024 };

/* A run is made so long after the first event that waits for one, but only so often. */
static const usec SOON = USEC_PER_SEC;
static const usec EVERY = 10 * USEC_PER_SEC;

struct history_feed {
	struct history_table *table;
	struct history_observation list[OBSERVATIONS]; /* of the events so far */
	size_t count;
	const struct term *src, *dest; /* ends of the event noted last; NULL: it has none such */
	struct term kept[2];           /* the same, when the events have ended */
	char kept_bytes[2][16];
	bool owes, gap, failed;
	usec since;    /* the first event of the run was noted */
	usec handed;   /* the last run was handed over; 0: none */
	uint64_t lost; /* values of a full table */
	uint64_t left_out;
	uint64_t sent, taken;
	uint64_t inode; /* of the file in which the last run ended */
	struct buf run; /* made and not yet sent, with its head */
	struct history_run_head head;
};

struct history_feed *history_feed_new(const struct env *env, const struct stream_place *kept)
{
	struct history_feed *f = mem_alloc(sizeof(*f));
	uint64_t seed;

	env_random(env, &seed, sizeof(seed));
	f->table = history_table_new(seed);
	buf_init(&f->run, HISTORY_RUN_MAX);
	f->inode = kept->inode;
	return f;
}

void history_feed_free(struct history_feed *f)
{
	if (!f)
		return;
	history_table_free(f->table);
	buf_free(&f->run);
	mem_free(f);
}

void history_feed_gap(struct history_feed *f)
{
	f->gap = true;
}

static void note(struct history_feed *f)
{
	for (size_t done = 0; done < f->count; done++) {
		done += history_see_all(f->table, f->list + done, f->count - done);
		f->lost += done < f->count;
	}
	f->count = 0;
}

static void add(struct history_feed *f, struct history_observation o)
{
	if (f->count == OBSERVATIONS)
		note(f);
	f->list[f->count++] = o;
}

static bool is_address(const struct term *t)
{
	return (t->kind == TERM_IPV4 || t->kind == TERM_IPV6) && t->value.n <= 16;
}

/* The two ends of the event; those of its first part hold for the others. */
static void find_ends(struct history_feed *f, const struct match_event *event)
{
	if (event->goes_on)
		return;
	f->src = f->dest = NULL;
	for (size_t i = 0; i < event->count && !(f->src && f->dest); i++) {
		const struct match_value *v = &event->values[i];

		if (v->field == EVE_SRC_IP && !f->src && is_address(&v->term))
			f->src = &v->term;
		else if (v->field == EVE_DEST_IP && !f->dest && is_address(&v->term))
			f->dest = &v->term;
	}
}

void history_feed_event(struct history_feed *f, const struct match_event *event, usec when)
{
	find_ends(f, event);
	for (size_t i = 0; i < event->count; i++) {
		const struct match_value *v = &event->values[i];
		const struct term *host = v->field == EVE_SRC_IP ? f->dest : f->src;

		add(f, (struct history_observation){&v->term, host, when});
	}
	for (size_t i = 0; i < event->answer_count; i++)
		f->lost += !history_see_pair(
		    f->table, &event->answers[i].name, &event->answers[i].data, when);
	f->owes = true;
}

static const struct term *keep(struct history_feed *f, unsigned end, const struct term *t)
{
	if (!t || t == &f->kept[end])
		return t;
	f->kept[end] = *t;
	f->kept[end].value.p = memcpy(f->kept_bytes[end], t->value.p, t->value.n);
	return &f->kept[end];
}

void history_feed_events_end(struct history_feed *f)
{
	note(f);
	f->src = keep(f, 0, f->src);
	f->dest = keep(f, 1, f->dest);
}

bool history_feed_is_full(const struct history_feed *f)
{
	return history_table_is_nearly_full(f->table);
}

bool history_feed_owes(const struct history_feed *f)
{
	return f->owes || f->gap || f->run.n > 0;
}

bool history_feed_is_settled(const struct history_feed *f, const struct stream_place *place)
{
	return !history_feed_owes(f) && f->sent == f->taken && f->inode == place->inode;
}

bool history_feed_is_due(
    struct history_feed *f, const struct stream_place *place, bool leave, usec now)
{
	if (f->sent - f->taken >= INTAKE_RUNS_WINDOW)
		return false;
	/* Which file it is must be known before it can be renamed. */
	if (place->inode != f->inode)
		return true;
	if (!history_feed_owes(f))
		return false;
	if (leave)
		return true;
	if (f->since == 0)
		f->since = now;
	/* A clock that was set back ends no wait later. */
	return f->run.n > 0 || history_feed_is_full(f) || now < f->since || now < f->handed ||
	       (now - f->since >= SOON && now - f->handed >= EVERY);
}

static int memory_file(struct str bytes)
{
	int fd = memfd_create("run", MFD_CLOEXEC);

	while (fd >= 0 && bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0) {
			(void)close(fd);
			return -1;
		}
		bytes = str_from(bytes, (size_t)n);
	}
	return fd;
}

static void put_head(struct buf *out, const struct history_run_head *h)
{
	buf_u64(out, h->number);
	buf_u64(out, h->batch);
	buf_u64(out, h->left_out);
	buf_u8(out, h->gap);
	place_put(out, &h->place);
}

bool history_run_head_get(struct history_run_head *out, struct str body)
{
	struct rd in = rd_of(body);
	struct history_run_head h = {.number = rd_u64(&in)};

	h.batch = rd_u64(&in);
	h.left_out = rd_u64(&in);
	h.gap = rd_u8(&in);
	if (!place_get(&h.place, &in) || !rd_done(&in) || h.number == 0)
		return false;
	*out = h;
	return true;
}

static bool send_run(struct history_feed *f, struct chan *core, uint64_t stream)
{
	int fd = memory_file(buf_str(&f->run));
	struct chan_message m = {.type = INTAKE_HISTORY, .id = stream, .fds = &fd, .fd_count = 1};
	struct buf b;

	if (fd < 0)
		return false;
	buf_init(&b, HEAD_MAX);
	put_head(&b, &f->head);
	m.body = buf_str(&b);
	/* The window bounds what is on the way; a channel that is closed begins anew anyway. */
	(void)!chan_send_always(core, &m);
	buf_free(&b);
	(void)close(fd);
	return true;
}

static bool make_run(
    struct history_feed *f, uint64_t batch, const struct stream_place *place, usec now)
{
	uint64_t left_out = history_table_left_out(f->table) + f->lost;

	if (history_table_run(f->table, &f->run) != OK) {
		buf_reset(&f->run);
		return false;
	}
	f->head = (struct history_run_head){.number = f->sent + 1,
	    .batch = batch,
	    .place = *place,
	    .left_out = left_out - f->left_out,
	    .gap = f->gap};
	f->left_out = left_out;
	if (f->owes)
		f->handed = now;
	f->owes = f->gap = false;
	f->since = 0;
	f->inode = place->inode;
	return true;
}

void history_feed_hand_over(struct history_feed *f, struct chan *core, uint64_t stream,
    uint64_t batch, const struct stream_place *place, usec now)
{
	if (f->run.n == 0 && !make_run(f, batch, place, now))
		return;
	if (!send_run(f, core, stream))
		return;
	f->sent++;
	buf_free(&f->run);
	buf_init(&f->run, HISTORY_RUN_MAX);
}

void history_feed_taken(struct history_feed *f, uint64_t number)
{
	if (number > f->taken && number <= f->sent)
		f->taken = number;
}
