/* SPDX-License-Identifier: Apache-2.0 */
/* One function for log lines: an event name and key/value pairs, one JSON object a line on standard
 * error. Pure modules never log; nothing labelled above TLP:GREEN is ever logged (log ids and
 * counts, never values). */
#pragma once

#include "base/env.h"
#include "base/str.h"

enum log_level { LOG_ALERT, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log {
	const struct env *env;
	struct str role;      /* "core", "front", ... */
	enum log_level level; /* the least severe that is written */
	int fd;
};

struct log_pair {
	const char *key;
	struct str value;
};

/* log_event(log, LOG_INFO, "source.rotated", LOG_KV({"source", name}, {"inode", n})); */
#define LOG_KV(...)                                                                                \
	(const struct log_pair[]){__VA_ARGS__},                                                    \
	    sizeof((const struct log_pair[]){__VA_ARGS__}) / sizeof(struct log_pair)
#define LOG_NONE NULL, 0

void log_event(const struct log *log, enum log_level level, const char *event,
    const struct log_pair *pairs, size_t count);
