/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/conn.h"

enum { ACCEPTS_A_TURN = 64, LINGER_SECONDS = 2, PAUSE_SECONDS = 1 };

long server_now(const struct http_server *s)
{
	struct timeval now = {0};

	(void)event_base_gettimeofday_cached(s->options.base, &now);
	return (long)now.tv_sec;
}

const char *server_date(struct http_server *s)
{
	static const char DAYS[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char MONTHS[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = (time_t)server_now(s);
	struct tm tm;

	if (now != s->date_second && gmtime_r(&now, &tm)) {
		(void)snprintf(s->date, sizeof(s->date), "%s, %02d %s %04d %02d:%02d:%02d GMT",
		    DAYS[tm.tm_wday], tm.tm_mday, MONTHS[tm.tm_mon], (tm.tm_year + 1900) % 10000,
		    tm.tm_hour, tm.tm_min, tm.tm_sec);
		s->date_second = now;
	}
	return s->date;
}

static void accept_again(struct http_server *s)
{
	if (!s->accepting)
		s->accepting = event_add(s->accept_event, NULL) == 0;
}

/* Stops taking connections: until one closes, or for a moment when the system is short. */
static void accept_pause(struct http_server *s, bool short_of_files)
{
	static const struct timeval PAUSE = {.tv_sec = PAUSE_SECONDS};

	(void)event_del(s->accept_event);
	s->accepting = false;
	if (short_of_files)
		(void)event_base_once(s->options.base, -1, EV_TIMEOUT,
		    event_get_callback(s->accept_event), s, &PAUSE);
}

static void on_accept(evutil_socket_t ignored, short what, void *ctx)
{
	struct http_server *s = ctx;

	(void)ignored;
	if (what & EV_TIMEOUT)
		accept_again(s);
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage peer = {0};
		socklen_t size = sizeof(peer);
		int fd;

		if (s->count >= s->options.connections_max) {
			accept_pause(s, false);
			return;
		}
		fd = accept4(s->options.listen_fd, (struct sockaddr *)&peer, &size,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				accept_pause(s, true);
			return;
		}
		conn_open(s, fd, &peer);
	}
}

void server_resume(struct http_server *s)
{
	if (s->count < s->options.connections_max)
		accept_again(s);
}

enum err http_server_new(
    struct http_server **out, const struct http_server_options *options, struct fault *fault)
{
	struct http_server *s;
	int on = 1;

	(void)signal(SIGPIPE, SIG_IGN);
	s = mem_alloc(sizeof(*s));
	*s = (struct http_server){.options = *options};
	s->idle = event_base_init_common_timeout(
	    options->base, &(struct timeval){.tv_sec = HTTP_IDLE_SECONDS});
	s->linger = event_base_init_common_timeout(
	    options->base, &(struct timeval){.tv_sec = LINGER_SECONDS});
	s->accept_event =
	    event_new(options->base, options->listen_fd, EV_READ | EV_PERSIST, on_accept, s);
	if (!s->idle || !s->linger || !s->accept_event) {
		if (s->accept_event)
			event_free(s->accept_event);
		mem_free(s);
		return fail(fault, ERR_NOMEM, "no memory for the HTTP server");
	}
	/* Accepted sockets inherit it; it fails on Unix sockets, which do not delay. */
	(void)setsockopt(options->listen_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	accept_again(s);
	*out = s;
	return OK;
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	/* No room: closing connections does not take new ones. */
	s->options.connections_max = 0;
	event_free(s->accept_event);
	while (s->newest)
		conn_close(s->newest);
	(void)close(s->options.listen_fd);
	mem_free(s);
}

void http_server_set_tls(struct http_server *s, struct ssl_ctx_st *tls)
{
	s->options.tls = tls;
}

size_t http_server_connections(const struct http_server *s)
{
	return s->count;
}
