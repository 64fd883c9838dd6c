/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: a connection, the one request it is busy with, and the server they belong to.
 */
#pragma once

#include <netinet/in.h>

#include "http/out.h"
#include "http/server.h"

struct ssl_st;

enum conn_state {
	CONN_HEAD,   /* reads a request's head */
	CONN_BODY,   /* reads its body */
	CONN_BUSY,   /* the handler has it */
	CONN_STREAM, /* sends events until one side leaves */
	CONN_LINGER, /* answered with an error; waits until the client has read it */
};

struct http_request {
	struct http_conn *conn;
	struct arena *arena;
	struct http_head head;
	struct http_field fields[HTTP_HEADERS_MAX];
	struct buf body;
	struct http_chunks chunks;
	struct buf headers; /* of the answer, as they will be sent */
	void (*closed)(void *ctx);
	void *closed_ctx;
};

struct http_conn {
	struct http_server *server;
	struct http_conn *older, *newer; /* in the server's list */
	struct ssl_st *ssl;              /* NULL: plain */
	int fd;
	enum conn_state state;
	bool pumping;        /* conn_pump is on the stack */
	bool last;           /* close after this answer */
	bool unread;         /* the client may still be sending: linger */
	bool io_wants_write; /* TLS needs to send before it can read */
	bool reading, writing;
	bool have_cert, looked_for_cert;
	struct sha256 cert;
	struct event *read_event, *write_event;
	const struct timeval *timeout; /* of read_event as it is armed */
	long started;                  /* second in which the current head or body began */
	struct buf in;
	size_t scanned; /* of `in`, for the end of a head */
	size_t lingered;
	struct http_out out;
	struct http_request rq;
	char peer[INET6_ADDRSTRLEN];
};

struct http_server {
	struct http_server_options options;
	struct http_conn *newest;
	size_t count;
	struct event *accept_event;
	bool accepting;
	const struct timeval *idle, *linger; /* shared timeouts of the loop */
	long date_second;
	char date[40];
};

/* Takes over an accepted socket. */
void conn_open(struct http_server *s, int fd, const struct sockaddr_storage *peer);
/* Frees it; a stream's owner is told. */
void conn_close(struct http_conn *c);
/* Does all that can be done without waiting: send, read, dispatch. May free c. */
void conn_pump(struct http_conn *c);
/* Arms its events for what its state waits for. */
void conn_watch(struct http_conn *c);
/* Ends the current request: the next one may follow or the connection closes. */
void conn_answered(struct http_conn *c);

/* reply.c: the whole answer to a request that could not be read. */
void reply_refuse(struct http_conn *c, int status);

/* server.c */
const char *server_date(struct http_server *s);
long server_now(const struct http_server *s);
/* After a connection is gone: there is room for another. */
void server_resume(struct http_server *s);
