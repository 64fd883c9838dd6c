/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/env.h"

enum { NUMERIC_HOST_MAX = 64 };

enum err address_split(struct address *out, struct str text, struct fault *fault)
{
	size_t colon = text.n;
	struct str host;
	struct str port;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	host = str_slice(text, 0, colon ? colon - 1 : 0);
	port = str_from(text, colon);
	if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_slice(host, 1, host.n - 1);
	if (host.n == 0 || host.n > ADDRESS_HOST_MAX || port.n == 0 || port.n > ADDRESS_PORT_MAX)
		return fail(
		    fault, ERR_INVALID, "%.*s: not an address; write ADDRESS:PORT", STR_ARG(text));
	(void)snprintf(out->host, sizeof(out->host), "%.*s", STR_ARG(host));
	(void)snprintf(out->port, sizeof(out->port), "%.*s", STR_ARG(port));
	return OK;
}

static enum err look_up(struct addrinfo **out, struct str text, int flags, struct fault *fault)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
	struct address a;
	int error;

	TRY(address_split(&a, text, fault));
	error = getaddrinfo(a.host, a.port, &hints, out);
	if (error == 0)
		return OK;
	if (flags & AI_NUMERICHOST)
		return fail(fault, ERR_INVALID,
		    "%.*s: not a numeric address, and no names are looked up here", STR_ARG(text));
	return fail(fault, ERR_NOT_FOUND, "%.*s: the name cannot be looked up: %s", STR_ARG(text),
	    gai_strerror(error));
}

enum err address_resolve_all(struct str out[ADDRESSES_MAX], size_t *count, struct arena *arena,
    struct str text, struct fault *fault)
{
	struct addrinfo *list;
	char host[NUMERIC_HOST_MAX];
	char port[ADDRESS_PORT_MAX + 1];
	size_t n = 0;

	TRY(look_up(&list, text, 0, fault));
	for (const struct addrinfo *at = list; at && n < ADDRESSES_MAX; at = at->ai_next) {
		if (getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof(host), port, sizeof(port),
		        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
			continue;
		out[n] = arena_printf(arena, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
		n += out[n].p != NULL;
	}
	freeaddrinfo(list);
	if (n == 0)
		return fail(fault, ERR_NOT_FOUND, "%.*s: the name has no address", STR_ARG(text));
	*count = n;
	return OK;
}

enum err address_resolve(struct str *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct str all[ADDRESSES_MAX];
	size_t count;

	TRY(address_resolve_all(all, &count, arena, text, fault));
	*out = all[0];
	return OK;
}

void address_prompt(int fd)
{
	enum { UNSENT_MAX = 128 << 10 };
	const int on = 1, unsent = UNSENT_MAX;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

enum err address_dial(int *out, struct str text, struct fault *fault)
{
	struct addrinfo *list;
	int error = 0;
	int fd;

	TRY(look_up(&list, text, AI_NUMERICHOST, fault));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || (connect(fd, list->ai_addr, list->ai_addrlen) != 0 && errno != EINPROGRESS))
		error = errno;
	freeaddrinfo(list);
	if (error != 0) {
		if (fd >= 0)
			close(fd);
		return fail(fault, ERR_IO, "%.*s: %s", STR_ARG(text), sys_error(error));
	}
	address_prompt(fd);
	*out = fd;
	return OK;
}
