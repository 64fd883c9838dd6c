/* SPDX-License-Identifier: Apache-2.0 */
/* The one error type of the program. A function that can fail returns an enum err and takes,
 * last, a struct fault (NULL allowed) into which the place that knows the reason writes it once;
 * callers hand both up unchanged. Programming errors are asserts, never an err. */
#pragma once

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Named for what the caller can do about it. */
enum err {
	OK = 0,
	ERR_NOMEM,       /* memory refused: give up this unit of work */
	ERR_LIMIT,       /* a stated limit was passed: refuse the input */
	ERR_PARSE,       /* not in the expected syntax: refuse the input */
	ERR_INVALID,     /* well-formed, but breaks a rule: refuse the input */
	ERR_NOT_FOUND,   /* no such thing, or not for this reader */
	ERR_CONFLICT,    /* clashes with what is there */
	ERR_DENIED,      /* not allowed for this principal */
	ERR_UNSUPPORTED, /* understood, but not offered */
	ERR_IO,          /* the system refused: see the text */
	ERR_FULL,        /* no space: stop taking, try again later */
	ERR_CORRUPT,     /* stored data fails its checks: alarm */
	ERR_BUSY,        /* a bounded queue is full: try again */
	ERR_CLOSED,      /* the other side is gone */
};

#define FAULT_TEXT_MAX 512

/* What went wrong, for a person: one sentence, NUL-terminated, safe to print. */
struct fault {
	enum err code;
	char text[FAULT_TEXT_MAX];
};

/* Records the reason, truncated to fit, control characters replaced. */
void fault_set(struct fault *fault, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* return fail(fault, ERR_LIMIT, "..."): records the reason and gives the code. A macro, so that
 * compilers see which code comes back. */
#define fail(fault, code, ...) (fault_set((fault), (code), __VA_ARGS__), (enum err)(code))

/* The symbolic name of a code ("limit"), for logs and JSON. Never NULL. */
const char *err_name(enum err code);

#define TRY(expr)                                                                                  \
	do {                                                                                       \
		enum err try_rc_ = (expr);                                                         \
		if (try_rc_ != OK)                                                                 \
			return try_rc_;                                                            \
	} while (0)
