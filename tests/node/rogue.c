/* SPDX-License-Identifier: Apache-2.0 */
/* A peer that says whatever it is told: the TLS and the signatures of a node whose directory it is
 * given, with bytes that a test makes up.
 *
 *     rogue DIR ADDRESS
 *
 * Lines on standard input, bytes in hexadecimal: "raw BYTES" goes out as it is; "sign TEXT", "pack
 * BYTES" and "unpack U32 BYTES" (the size that comes out before them) are answered with "signed",
 * "packed" and "unpacked"; "deaf" stops reading; the end of input ends it without a word. Lines on
 * standard output besides: "ready" when the handshake is done, "got BYTES" for what was received,
 * "over" at its end. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/rd.h"
#include "codec/zstd.h"
#include "crypt/tls.h"
#include "crypt/tls_link.h"
#include "serve/keys.h"
#include "sys/address.h"
#include "sys/config.h"
#include "sys/files.h"

enum { LINE_MAX_BYTES = 64 << 20, ARENA_MAX = 256 << 20, PEM_MAX = 64 << 10, CHUNK = 16 << 10 };

struct rogue {
	struct arena *arena;
	struct str dir;
	struct ssl_ctx_st *tls;
	struct ssl_st *ssl;
	int fd;
	struct buf in, out; /* lines of the test; bytes for the other side */
	bool deaf, ready, over;
};

static void need(enum err rc, const struct fault *fault)
{
	if (rc == OK)
		return;
	(void)fprintf(stderr, "rogue: %s\n", fault->text);
	exit(2);
}

static void say(const char *what, struct str bytes)
{
	struct buf hex;

	buf_init(&hex, LINE_MAX_BYTES);
	buf_hex(&hex, bytes.p, bytes.n);
	if (printf("%s %.*s\n", what, STR_ARG(buf_str(&hex))) < 0 || fflush(stdout) != 0)
		exit(2);
	buf_free(&hex);
}

static void open_link(struct rogue *r, struct str address)
{
	struct fault fault = {.code = OK};
	struct tls_link_options o = {0};

	need(file_read(&o.cert_pem, r->arena, file_join(r->arena, r->dir, "tls/cert.pem"), PEM_MAX,
	         &fault),
	    &fault);
	need(file_read(&o.key_pem, r->arena, file_join(r->arena, r->dir, "keys/tls.pem"), PEM_MAX,
	         &fault),
	    &fault);
	need(tls_link_new(&r->tls, &o, &fault), &fault);
	need(address_dial(&r->fd, address, &fault), &fault);
	r->ssl = tls_link_session(r->tls, r->fd, true);
}

static void sign(struct rogue *r, struct str text)
{
	struct fault fault = {.code = OK};
	struct ledger_keys keys;
	struct note_signer signer;
	struct config config;
	struct str note;

	need(config_read(&config, r->arena, r->dir, &fault), &fault);
	need(ledger_keys_open(&keys, r->dir, config.origin, NULL, r->arena, &fault), &fault);
	signer = ledger_keys_signer(&keys, config.origin);
	need(note_sign(&note, r->arena, text, &signer, &fault), &fault);
	say("signed", note);
	ledger_keys_close(&keys);
}

static void unpack(struct buf *out, struct str bytes)
{
	struct rd rd = rd_of(bytes);
	uint32_t size = rd_u32(&rd);

	if (zstd_unpack(out, rd_rest(&rd), size) != OK)
		exit(2);
	say("unpacked", buf_str(out));
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15U;
}

static void obey(struct rogue *r, struct str line)
{
	struct str verb = str_cut(&line, ' ');
	struct buf bytes, packed;

	buf_init(&bytes, LINE_MAX_BYTES);
	buf_init(&packed, LINE_MAX_BYTES);
	for (size_t i = 0; line.p && i + 1 < line.n; i += 2)
		buf_u8(&bytes, (uint8_t)(digit(line.p[i]) << 4 | digit(line.p[i + 1])));
	if (str_eq(verb, S("raw"))) {
		buf_put(&r->out, buf_str(&bytes));
	} else if (str_eq(verb, S("sign"))) {
		sign(r, buf_str(&bytes));
	} else if (str_eq(verb, S("pack"))) {
		zstd_pack(&packed, buf_str(&bytes));
		say("packed", buf_str(&packed));
	} else if (str_eq(verb, S("unpack"))) {
		unpack(&packed, buf_str(&bytes));
	} else {
		r->deaf = str_eq(verb, S("deaf"));
	}
	buf_free(&bytes);
	buf_free(&packed);
}

/* False at the end of input. */
static bool hear_test(struct rogue *r)
{
	char bytes[CHUNK];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	size_t looked = r->in.n;
	const char *end;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	buf_put(&r->in, (struct str){bytes, (size_t)n});
	while (r->in.n > looked && (end = memchr(r->in.p + looked, '\n', r->in.n - looked))) {
		size_t line = (size_t)(end - r->in.p);

		obey(r, str_slice(buf_str(&r->in), 0, line));
		buf_consume(&r->in, line + 1);
		looked = 0;
	}
	return true;
}

static void end(struct rogue *r)
{
	if (!r->over)
		say("over", S(""));
	r->over = true;
}

static void hear_other(struct rogue *r)
{
	char bytes[CHUNK];
	long n = 1;

	while (n > 0 && !r->over) {
		n = tls_read(r->ssl, bytes, sizeof(bytes));
		if (tls_is_ready(r->ssl) && !r->ready) {
			r->ready = true;
			say("ready", S(""));
		}
		if (n > 0)
			say("got", (struct str){bytes, (size_t)n});
		else if (n == TLS_OVER)
			end(r);
	}
}

static void talk(struct rogue *r)
{
	while (r->out.n > 0 && r->ready && !r->over) {
		long n = tls_write(r->ssl, r->out.p, r->out.n < CHUNK ? r->out.n : CHUNK);

		if (n == TLS_OVER)
			end(r);
		if (n <= 0)
			return;
		buf_consume(&r->out, (size_t)n);
	}
}

/* What is to be done next; false at the end of input. */
static bool turn(struct rogue *r)
{
	short want =
	    (short)((r->deaf && r->ready ? 0 : POLLIN) | (r->out.n > 0 && r->ready ? POLLOUT : 0));
	struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {r->over ? -1 : r->fd, want, 0}};

	if (poll(fds, 2, r->ready || r->over ? -1 : 10) < 0 && errno != EINTR)
		exit(2);
	if (fds[0].revents && !hear_test(r))
		return false;
	if (!r->over && (!r->deaf || !r->ready))
		hear_other(r);
	talk(r);
	return true;
}

int main(int argc, char **argv)
{
	struct rogue r = {.arena = arena_new(ARENA_MAX)};

	if (argc != 3)
		return 2;
	r.dir = str_c(argv[1]);
	buf_init(&r.in, LINE_MAX_BYTES);
	buf_init(&r.out, LINE_MAX_BYTES);
	open_link(&r, str_c(argv[2]));
	while (turn(&r))
		continue;
	return 0;
}
