/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets, and the connection to a local one. All are non-blocking and close-on-exec. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { LISTEN_URL_MAX = 300 };

/* address is ADDR:PORT or [ADDR]:PORT; port 0 lets the kernel choose. url gets
 * "https://ADDR:PORT/" with the real port; an unspecified address is written localhost. */
MUST_USE enum err listen_tcp(
    int *out, char url[LISTEN_URL_MAX], struct str address, struct fault *fault);

/* A socket file that only this user may use; one left behind is replaced. */
MUST_USE enum err listen_local(int *out, struct str path, struct fault *fault);
/* ERR_NOT_FOUND when nobody listens there. */
MUST_USE enum err listen_connect(int *out, struct str path, struct fault *fault);
/* The next waiting connection whose user is ours or root; others are closed. ERR_NOT_FOUND when
 * none is waiting. */
MUST_USE enum err listen_accept_own(int *out, int listener, struct fault *fault);
