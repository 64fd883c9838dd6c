/* SPDX-License-Identifier: Apache-2.0 */
/* Where to connect to: ADDR:PORT or [ADDR]:PORT, taken apart, looked up, dialled. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { ADDRESS_HOST_MAX = 255, ADDRESS_PORT_MAX = 5 };

struct address {
	char host[ADDRESS_HOST_MAX + 1]; /* without brackets */
	char port[ADDRESS_PORT_MAX + 1];
};

/* ERR_INVALID when it is not written like that; the host may be anything. */
MUST_USE enum err address_split(struct address *out, struct str text, struct fault *fault);
/* Looks the host up, which may take seconds, and writes the first answer as ADDR:PORT in the arena;
 * a numeric one stays itself. ERR_NOT_FOUND. */
MUST_USE enum err address_resolve(
    struct str *out, struct arena *arena, struct str text, struct fault *fault);
enum { ADDRESSES_MAX = 4 };
/* The first few of the answers, in the order in which they are to be tried. */
MUST_USE enum err address_resolve_all(struct str out[ADDRESSES_MAX], size_t *count,
    struct arena *arena, struct str text, struct fault *fault);
/* Begins a TCP connection to a numeric address: *out is non-blocking and close-on-exec; it is
 * writable when the connection stands or has failed (SO_ERROR). ERR_INVALID for a name, ERR_IO
 * when it fails at once. */
MUST_USE enum err address_dial(int *out, struct str text, struct fault *fault);
/* Of a connection between nodes: what is written leaves at once, and little waits in the kernel,
 * where nothing can go ahead of it. */
void address_prompt(int fd);
