/* SPDX-License-Identifier: Apache-2.0 */
/* The node's own interface over HTTP: /api/v1 as the table of operations says, the live stream,
 * /metrics, /healthz and the files of the web interface. Each request is authorised, run, audited,
 * rendered, in this order. It reads through the gate only and writes through the core only. */
#pragma once

#include "api/read.h"
#include "api/ui_files.h"
#include "base/log.h"
#include "gate/identify.h"
#include "http/server.h"
#include "sys/loop.h"
#include "sys/rpc.h"

struct api;
struct challenges;

struct api_options {
	struct loop *loop;
	struct gate *gate;
	struct identify *identify;
	const struct rpc *rpc;    /* to the core */
	const struct rpc *signin; /* to who asks the identity provider; NULL: there is none */
	struct challenges *challenges;
	const struct log *log; /* for the audit lines */
	struct api_node node;
	bool metrics_open; /* figures of the processes to anybody; never of the content */
	const struct ui_file *files;
	size_t file_count;
};

/* All that the options point to must outlive it. */
struct api *api_new(const struct api_options *options);
void api_free(struct api *a); /* ends every stream; NULL allowed */

/* What the identification of a request came to: as identify_done gave it. `who` may be NULL unless
 * rc is OK. */
struct api_caller {
	enum err rc;
	const struct identity *who;
};

/* Answers whatever it is given, in the end: paths that nobody has with 404. */
void api_handle(struct api *a, struct http_request *rq, const struct api_caller *caller);
/* The core committed: live streams look for what is new. */
void api_committed(struct api *a);
