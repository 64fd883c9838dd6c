/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/challenge.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rd.h"
#include "crypt/random.h"
#include "crypt/token.h"
#include "gate/credentials.h"
#include "gate/internal.h"

enum { VERSION = 1, STATE_LEN = 16, NONCE_LEN = 16, VERIFIER_LEN = 32, USED_MAX = 4096 };

static const char COOKIE_NAME[] = "__Host-sign-in";
static const usec TIME = 600 * USEC_PER_SEC;

struct secrets {
	char state[STATE_LEN], nonce[NONCE_LEN], verifier[VERIFIER_LEN];
};

struct challenges {
	const struct env *env;
	struct sha256 key;
	char used[USED_MAX][STATE_LEN]; /* the newest; a ring */
	size_t used_n;
};

struct challenges *challenges_new(struct gate *gate, const struct env *env)
{
	struct challenges *c = mem_alloc(sizeof(*c));

	c->env = env;
	c->key = gate_secret(gate, S("sign-in"));
	return c;
}

void challenges_free(struct challenges *c)
{
	mem_free(c);
}

static enum err put_texts(struct challenge *out, const struct secrets *s, struct arena *arena)
{
	struct sha256 hash;

	out->state = base64url_encode(arena, (struct str){s->state, STATE_LEN});
	out->nonce = base64url_encode(arena, (struct str){s->nonce, NONCE_LEN});
	out->verifier = base64url_encode(arena, (struct str){s->verifier, VERIFIER_LEN});
	hash = sha256(out->verifier);
	out->hash = base64url_encode(arena, (struct str){(const char *)hash.b, SHA256_LEN});
	return out->state.p && out->nonce.p && out->verifier.p && out->hash.p ? OK : ERR_NOMEM;
}

static struct str seal(
    const struct challenges *c, const struct secrets *s, usec expires, struct arena *arena)
{
	struct str text;
	struct buf b;

	buf_init(&b, TOKEN_PLAIN_MAX);
	buf_u8(&b, VERSION);
	buf_u64(&b, (uint64_t)expires);
	buf_put(&b, (struct str){(const char *)s, sizeof(*s)});
	text = b.failed == OK ? token_seal(&c->key, S("sign-in"), buf_str(&b), arena) : STR_NONE;
	buf_free(&b);
	return text;
}

enum err challenge_make(
    struct challenge *out, struct str *cookie, struct challenges *c, struct arena *arena)
{
	struct secrets s;
	struct str text;

	random_secret(&s, sizeof(s));
	TRY(put_texts(out, &s, arena));
	text = seal(c, &s, env_now(c->env) + TIME, arena);
	if (!text.p)
		return ERR_NOMEM;
	*cookie =
	    arena_printf(arena, "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld",
	        COOKIE_NAME, STR_ARG(text), (long long)(TIME / USEC_PER_SEC));
	return cookie->p ? OK : ERR_NOMEM;
}

static bool open_sealed(
    struct secrets *out, const struct challenges *c, struct str cookies, struct arena *arena)
{
	struct str text = cookie_value(cookies, str_c(COOKIE_NAME));
	struct str plain, rest;
	usec expires;
	struct rd r;

	if (!text.n || token_open(&plain, &c->key, S("sign-in"), text, arena) != OK)
		return false;
	r = rd_of(plain);
	if (rd_u8(&r) != VERSION)
		return false;
	expires = (usec)rd_u64(&r);
	rest = rd_rest(&r);
	if (r.failed || rest.n != sizeof(*out) || expires <= env_now(c->env))
		return false;
	memcpy(out, rest.p, sizeof(*out));
	return true;
}

static bool was_used(const struct challenges *c, const char state[STATE_LEN])
{
	size_t n = c->used_n < USED_MAX ? c->used_n : USED_MAX;

	for (size_t i = 0; i < n; i++)
		if (memcmp(c->used[i], state, STATE_LEN) == 0)
			return true;
	return false;
}

enum err challenge_take(struct challenge *out, struct challenges *c, struct str cookies,
    struct str state, struct arena *arena)
{
	struct secrets s;

	if (!open_sealed(&s, c, cookies, arena))
		return ERR_NOT_FOUND;
	TRY(put_texts(out, &s, arena));
	if (state.n != out->state.n || !str_eq_secret(state, out->state))
		return ERR_INVALID;
	if (was_used(c, s.state))
		return ERR_CONFLICT;
	memcpy(c->used[c->used_n++ % USED_MAX], s.state, STATE_LEN);
	return OK;
}

struct str challenge_cookie_end(void)
{
	return S("__Host-sign-in=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}
