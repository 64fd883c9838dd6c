/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"

enum {
	HEADER = 16,
	HIGH_DEFAULT = 4 << 20,
	LOW_DEFAULT = 1 << 20,
	READ_CHUNK = 64 << 10,
	READS_PER_TURN = 16,  /* then the others' events get their turn */
	FDS_WAITING_MAX = 64, /* received before the message that they belong to */
	IOV_MAX_USED = 16,
	KEEP_BYTES = 256 << 10, /* a bigger empty buffer is given back */
};

/* One message on its way out. */
struct outgoing {
	struct outgoing *next;
	size_t n;
	size_t sent;
	int fds[CHAN_FDS_MAX];
	size_t fd_count;
	char bytes[];
};

struct chan {
	struct chan_options o;
	struct event *readable;
	struct event *writable;
	struct loop_task *close_task;
	struct outgoing *first;
	struct outgoing **last;
	size_t queued;
	bool refused; /* ERR_BUSY was answered since the low mark */
	bool closed;
	bool told; /* the closed callback was called */
	bool paused;
	unsigned busy; /* callbacks on the stack: chan_free then only marks */
	bool dead;
	struct buf in;
	int fds[FDS_WAITING_MAX];
	size_t fd_count;
};

static void close_fds(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void outgoing_free(struct outgoing *m)
{
	close_fds(m->fds, m->fd_count);
	mem_free(m);
}

static void release(struct chan *c)
{
	event_free(c->readable);
	event_free(c->writable);
	loop_task_free(c->close_task);
	while (c->first) {
		struct outgoing *m = c->first;

		c->first = m->next;
		outgoing_free(m);
	}
	close_fds(c->fds, c->fd_count);
	buf_free(&c->in);
	close(c->o.fd);
	mem_free(c);
}

static void enter(struct chan *c)
{
	c->busy++;
}

/* False when the channel was freed meanwhile: it must not be touched any more. */
static bool leave(struct chan *c)
{
	if (--c->busy == 0 && c->dead) {
		release(c);
		return false;
	}
	return true;
}

static void tell_closed(void *ctx)
{
	struct chan *c = ctx;

	if (c->told || c->dead)
		return;
	c->told = true;
	enter(c);
	c->o.closed(c->o.ctx, c);
	(void)leave(c);
}

static void mark_closed(struct chan *c)
{
	if (c->closed)
		return;
	c->closed = true;
	event_del(c->readable);
	event_del(c->writable);
	loop_task_run(c->close_task);
}

static bool out_done(struct chan *c, size_t n)
{
	c->queued -= n;
	while (n > 0 && c->first) {
		struct outgoing *m = c->first;
		size_t take = n < m->n - m->sent ? n : m->n - m->sent;

		m->sent += take;
		n -= take;
		if (m->sent < m->n)
			break;
		c->first = m->next;
		if (!c->first)
			c->last = &c->first;
		outgoing_free(m);
	}
	return c->first != NULL;
}

/* Descriptors travel with the first byte of their message, so a send ends before the next message
 * that has some. */
static size_t gather(const struct chan *c, struct iovec iov[IOV_MAX_USED])
{
	size_t count = 0;

	for (struct outgoing *m = c->first; m && count < IOV_MAX_USED; m = m->next) {
		if (count > 0 && m->fd_count > 0)
			break;
		iov[count].iov_base = m->bytes + m->sent;
		iov[count].iov_len = m->n - m->sent;
		count++;
	}
	return count;
}

static ssize_t send_some(const struct chan *c)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * CHAN_FDS_MAX)];
	} control = {0};
	struct iovec iov[IOV_MAX_USED];
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = gather(c, iov)};
	const struct outgoing *m = c->first;
	ssize_t n;

	if (m->sent == 0 && m->fd_count > 0) {
		struct cmsghdr *cm;

		h.msg_control = control.space;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * m->fd_count);
		cm = &control.align;
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * m->fd_count);
		memcpy(CMSG_DATA(cm), m->fds, sizeof(int) * m->fd_count);
	}
	do {
		n = sendmsg(c->o.fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* True when everything that was queued has left. */
static bool flush(struct chan *c)
{
	while (c->first) {
		ssize_t n = send_some(c);

		if (n < 0 && errno == EAGAIN) {
			event_add(c->writable, NULL);
			return false;
		}
		if (n < 0) {
			mark_closed(c);
			return false;
		}
		(void)out_done(c, (size_t)n);
	}
	event_del(c->writable);
	return true;
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct chan *c = ctx;

	(void)fd;
	(void)what;
	enter(c);
	(void)flush(c);
	if (!c->closed && c->refused && c->queued <= c->o.low) {
		c->refused = false;
		if (c->o.drained)
			c->o.drained(c->o.ctx, c);
	}
	(void)leave(c);
}

static bool keep_fds(struct chan *c, struct msghdr *h)
{
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(h); cm; cm = CMSG_NXTHDR(h, cm)) {
		size_t count;

		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(int));
			if (c->fd_count < FDS_WAITING_MAX)
				c->fds[c->fd_count++] = fd;
			else
				close(fd);
		}
	}
	return c->fd_count < FDS_WAITING_MAX && !(h->msg_flags & MSG_CTRUNC);
}

static ssize_t receive(struct chan *c, size_t want)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * CHAN_FDS_MAX)];
	} control;
	struct iovec iov;
	struct msghdr h = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space)};
	size_t had = c->in.n;
	ssize_t n;

	iov.iov_base = buf_grow(&c->in, want);
	iov.iov_len = want;
	if (!iov.iov_base) {
		errno = ENOMEM;
		return -1;
	}
	do {
		n = recvmsg(c->o.fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	c->in.n = had + (n > 0 ? (size_t)n : 0);
	if (n >= 0 && !keep_fds(c, &h)) {
		errno = EPROTO;
		return -1;
	}
	return n;
}

struct header {
	size_t length;
	uint16_t type;
	uint16_t fds;
	uint64_t id;
};

/* False when it breaks a limit. */
static bool header_read(struct header *out, const struct chan *c, size_t at)
{
	struct rd r = rd_of(str_slice(buf_str(&c->in), at, at + HEADER));

	out->length = rd_u32(&r);
	out->type = rd_u16(&r);
	out->fds = rd_u16(&r);
	out->id = rd_u64(&r);
	return out->length <= c->o.body_max && out->fds <= CHAN_FDS_MAX;
}

static void hand_over(struct chan *c, const struct header *h, size_t at)
{
	int fds[CHAN_FDS_MAX];
	struct chan_message m = {.type = h->type,
	    .id = h->id,
	    .body = str_slice(buf_str(&c->in), at + HEADER, at + HEADER + h->length),
	    .fds = fds,
	    .fd_count = h->fds};

	memcpy(fds, c->fds, sizeof(int) * h->fds);
	c->fd_count -= h->fds;
	memmove(c->fds, c->fds + h->fds, sizeof(int) * c->fd_count);
	c->o.message(c->o.ctx, c, &m);
	close_fds(fds, h->fds);
}

/* Hands over every whole message; how many bytes the next one still wants, 0 when the peer broke
 * the rules. */
static size_t deliver(struct chan *c)
{
	size_t at = 0;
	size_t want = READ_CHUNK;

	while (!c->dead && !c->paused && c->in.n - at >= HEADER) {
		struct header h;
		size_t have = c->in.n - at;

		if (!header_read(&h, c, at))
			return 0;
		if (have < HEADER + h.length) {
			if (HEADER + h.length - have > want)
				want = HEADER + h.length - have;
			break;
		}
		/* They came before the first byte of the message, or it lies. */
		if (h.fds > c->fd_count)
			return 0;
		hand_over(c, &h, at);
		at += HEADER + h.length;
	}
	buf_consume(&c->in, at);
	if (c->in.n == 0 && c->in.cap > KEEP_BYTES)
		buf_free(&c->in);
	return want;
}

static void read_turn(struct chan *c)
{
	size_t want = deliver(c);

	for (int i = 0; i < READS_PER_TURN && want > 0 && !c->dead && !c->paused; i++) {
		ssize_t n = receive(c, want);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			mark_closed(c);
			return;
		}
		want = deliver(c);
	}
	if (want == 0)
		mark_closed(c);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct chan *c = ctx;

	(void)fd;
	(void)what;
	enter(c);
	read_turn(c);
	(void)leave(c);
}

struct chan *chan_new(const struct chan_options *options)
{
	struct chan *c = mem_alloc(sizeof(*c));
	struct event_base *base = loop_base(options->loop);

	c->o = *options;
	if (c->o.body_max == 0)
		c->o.body_max = CHAN_MESSAGE_MAX;
	if (c->o.high == 0) {
		c->o.high = HIGH_DEFAULT;
		c->o.low = LOW_DEFAULT;
	}
	c->last = &c->first;
	buf_init(&c->in, c->o.body_max + HEADER + READ_CHUNK);
	c->readable = event_new(base, c->o.fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, c->o.fd, EV_WRITE | EV_PERSIST, on_writable, c);
	c->close_task = loop_task_new(c->o.loop, tell_closed, c);
	if (!c->readable || !c->writable || event_add(c->readable, NULL) != 0)
		abort();
	return c;
}

void chan_free(struct chan *c)
{
	if (!c)
		return;
	if (c->busy > 0)
		c->dead = true;
	else
		release(c);
}

static enum err outgoing_new(
    struct outgoing **out, const struct chan *c, const struct chan_message *m)
{
	struct outgoing *o;
	struct buf header;

	if (m->body.n > c->o.body_max || m->fd_count > CHAN_FDS_MAX)
		return ERR_LIMIT;
	o = mem_alloc(sizeof(*o) + HEADER + m->body.n);
	for (size_t i = 0; i < m->fd_count; i++) {
		int fd = fcntl(m->fds[i], F_DUPFD_CLOEXEC, 0);

		if (fd < 0) {
			outgoing_free(o);
			return ERR_LIMIT;
		}
		o->fds[o->fd_count++] = fd;
	}
	buf_init(&header, HEADER);
	buf_u32(&header, (uint32_t)m->body.n);
	buf_u16(&header, m->type);
	buf_u16(&header, (uint16_t)m->fd_count);
	buf_u64(&header, m->id);
	memcpy(o->bytes, header.p, HEADER);
	buf_free(&header);
	if (m->body.n > 0)
		memcpy(o->bytes + HEADER, m->body.p, m->body.n);
	o->n = HEADER + m->body.n;
	*out = o;
	return OK;
}

enum err chan_send_always(struct chan *c, const struct chan_message *m)
{
	struct outgoing *o;
	bool idle = !c->first;

	if (c->closed || c->dead)
		return ERR_CLOSED;
	TRY(outgoing_new(&o, c, m));
	*c->last = o;
	c->last = &o->next;
	c->queued += o->n;
	if (idle)
		(void)flush(c);
	return OK;
}

enum err chan_send(struct chan *c, const struct chan_message *m)
{
	if (c->queued > c->o.high) {
		c->refused = true;
		return c->closed || c->dead ? ERR_CLOSED : ERR_BUSY;
	}
	return chan_send_always(c, m);
}

void chan_pause(struct chan *c, bool pause)
{
	if (c->paused == pause || c->closed || c->dead)
		return;
	c->paused = pause;
	if (pause) {
		event_del(c->readable);
		return;
	}
	event_add(c->readable, NULL);
	/* Whole messages may be waiting in the buffer, which no event will announce. */
	event_active(c->readable, EV_READ, 0);
}

size_t chan_queued(const struct chan *c)
{
	return c->queued;
}

bool chan_is_closed(const struct chan *c)
{
	return c->closed;
}

enum err chan_pair(int out[2], struct fault *fault)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		return fail(fault, ERR_IO, "cannot make a socket pair: %s", sys_error(errno));
	out[0] = pair[0];
	out[1] = pair[1];
	return OK;
}
