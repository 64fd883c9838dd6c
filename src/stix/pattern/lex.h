/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of the pattern language; for stix/pattern/parse.c alone. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "stix/pattern/pattern.h"

enum token_kind {
	TOKEN_END,
	TOKEN_MARK, /* one of [ ] ( ) : . , * or an operator of signs */
	TOKEN_WORD, /* identifier or keyword, hyphens included */
	TOKEN_LITERAL,
};

struct token {
	enum token_kind kind;
	enum pattern_literal literal;
	char mark; /* of marks: '=' for =, '!' for != and <>, '<' '>', 'l' for <=, 'g' for >= */
	struct str text; /* of strings: what is between the quotes, as written */
	bool escaped;    /* a string with backslashes */
	size_t at;
};

struct lexer {
	struct str text;
	bool lenient;
	size_t at;     /* behind the last token */
	size_t failed; /* where what is wrong stands */
	struct fault *fault;
};

/* Reads the token at or after l->at, skipping white space and comments, and moves l->at behind it.
 * ERR_PARSE with the position. */
MUST_USE enum err pattern_token(struct token *out, struct lexer *l);
