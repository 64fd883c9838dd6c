/* SPDX-License-Identifier: Apache-2.0 */
/* Inside api/: one request on its way through, and the ways to answer it. */
#pragma once

#include "api/api.h"

enum { STATUS_CLASSES = 6 };

/* How a sign-in with the identity provider ended. */
enum signin_end {
	SIGNIN_OK,
	SIGNIN_NONE,        /* there is no provider */
	SIGNIN_OVER,        /* too late, or in another browser */
	SIGNIN_STATE,       /* of another sign-in */
	SIGNIN_USED,        /* a second time */
	SIGNIN_THERE,       /* the provider did not sign in */
	SIGNIN_REFUSED,     /* what the provider says does not hold */
	SIGNIN_UNREACHABLE, /* it cannot be asked */
	SIGNIN_UNLINKED,    /* no account is linked */
	SIGNIN_BUSY,        /* too many failed */
	SIGNIN_ENDS
};

struct api {
	struct api_options o;
	struct stream *streams; /* api/stream.c */
	size_t stream_count;
	uint64_t streams_cut; /* ended while their reader was behind */
	struct hunt *hunts;   /* api/hunt/hunt.c */
	struct loop_timer *stream_timer;
	struct arena *stream_arena;
	struct even *even; /* answers that wait for their time (api/even.h), the first first */
	struct loop_alarm *even_alarm;
	/* Answers given, by operation and class of status (2 is 200 to 299). */
	uint64_t answers[96][STATUS_CLASSES];
	uint64_t signins[SIGNIN_ENDS];
};

struct api_request {
	struct api *api;
	struct http_request *rq;
	const struct op *op;
	struct reader reader; /* its name lives in the request's arena */
	enum identity_kind kind;
	usec expires; /* of session or token; 0: does not */
	struct gate_ask ask;
	struct api_args args;
	usec began;     /* monotonic */
	struct buf out; /* the answer; freed when it was given */
	int fd;         /* of a body handed to the core, or -1 */
};

/* Each answers and ends the request. */
void request_reply(struct api_request *q, int status, const char *type, struct str body);
void request_fail(struct api_request *q, enum err rc, struct str message);
void request_refuse(struct api_request *q, int status, const char *code, struct str message);

/* The body, or what stands for it, as a file in memory in q->fd, and its end. */
MUST_USE enum err request_file(struct api_request *q, struct str body, struct fault *fault);
void request_close(struct api_request *q);

/* One line on the log: who asked what and how it ended; never content. */
void request_audit(const struct api_request *q, const char *outcome);

/* Handlers of whole requests. */
void session_handle(struct api_request *q);  /* api/session.c */
void write_handle(struct api_request *q);    /* api/write.c */
void withdraw_handle(struct api_request *q); /* api/write.c */
void share_handle(struct api_request *q);    /* api/share.c */
void stream_handle(struct api_request *q);   /* api/stream.c */
void metrics_handle(struct api_request *q);  /* api/metrics.c */
/* The files of the web interface; true when the path is one of them. */
bool files_handle(struct api *a, struct http_request *rq); /* api/files.c */

void streams_tick(struct api *a);
void streams_free(struct api *a);
