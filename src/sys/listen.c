/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/address.h"
#include "sys/env.h"
#include "sys/files.h"

enum { BACKLOG = 1024 };

static void write_url(char url[LISTEN_URL_MAX], const struct address *p, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage space;
	} a = {0};
	socklen_t n = sizeof(a);
	unsigned port = 0;
	bool everywhere = false;

	if (getsockname(fd, &a.any, &n) == 0 && a.any.sa_family == AF_INET6) {
		port = ntohs(a.v6.sin6_port);
		everywhere = IN6_IS_ADDR_UNSPECIFIED(&a.v6.sin6_addr);
	} else {
		port = ntohs(a.v4.sin_port);
		everywhere = a.v4.sin_addr.s_addr == INADDR_ANY;
	}
	(void)snprintf(url, LISTEN_URL_MAX,
	    !everywhere && strchr(p->host, ':') ? "https://[%s]:%u/" : "https://%s:%u/",
	    everywhere ? "localhost" : p->host, port);
}

static int bind_to(const struct addrinfo *ai)
{
	int on = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

enum err listen_tcp(int *out, char url[LISTEN_URL_MAX], struct str address, struct fault *fault)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	struct address place;
	int error;
	int fd = -1;

	TRY(address_split(&place, address, fault));
	error = getaddrinfo(place.host, place.port, &hints, &list);
	if (error != 0)
		return fail(fault, ERR_INVALID, "%.*s: cannot listen there: %s", STR_ARG(address),
		    gai_strerror(error));
	for (const struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = bind_to(ai);
	error = errno;
	freeaddrinfo(list);
	if (fd < 0)
		return fail(fault, file_err(error), "%.*s: cannot listen there: %s",
		    STR_ARG(address), sys_error(error));
	write_url(url, &place, fd);
	*out = fd;
	return OK;
}

static enum err local_address(struct sockaddr_un *out, struct str path, struct fault *fault)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path.n == 0 || path.n >= sizeof(out->sun_path))
		return fail(fault, ERR_LIMIT,
		    "%.*s: the path of a local socket has at most %zu bytes: choose a shorter "
		    "node directory",
		    STR_ARG(path), sizeof(out->sun_path) - 1);
	memcpy(out->sun_path, path.p, path.n);
	return OK;
}

static enum err local_socket(int *out, struct fault *fault)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(fault, ERR_IO, "cannot make a socket: %s", sys_error(errno));
	*out = fd;
	return OK;
}

enum err listen_local(int *out, struct str path, struct fault *fault)
{
	struct sockaddr_un a;
	int error;
	int fd;

	TRY(local_address(&a, path, fault));
	TRY(local_socket(&fd, fault));
	(void)unlink(a.sun_path);
	/* The mode of the socket's inode is what the file gets at bind(): no moment is open. */
	if (fchmod(fd, 0600) == 0 && bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, BACKLOG) == 0) {
		*out = fd;
		return OK;
	}
	error = errno;
	close(fd);
	return fail(
	    fault, file_err(error), "%s: cannot listen there: %s", a.sun_path, sys_error(error));
}

enum err listen_connect(int *out, struct str path, struct fault *fault)
{
	struct sockaddr_un a;
	int error;
	int fd;

	TRY(local_address(&a, path, fault));
	TRY(local_socket(&fd, fault));
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0) {
		*out = fd;
		return OK;
	}
	error = errno;
	close(fd);
	if (error == ENOENT || error == ECONNREFUSED)
		return fail(fault, ERR_NOT_FOUND, "%s: no node answers there", a.sun_path);
	return fail(fault, file_err(error), "%s: cannot connect: %s", a.sun_path, sys_error(error));
}

static bool is_own(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	       (who.uid == geteuid() || who.uid == 0);
}

enum err listen_accept_own(int *out, int listener, struct fault *fault)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0 && errno == EAGAIN)
			return fail(fault, ERR_NOT_FOUND, "nobody is waiting");
		if (fd < 0)
			return fail(
			    fault, ERR_IO, "cannot take a connection: %s", sys_error(errno));
		if (is_own(fd)) {
			*out = fd;
			return OK;
		}
		close(fd);
	}
}
