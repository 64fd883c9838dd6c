/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler's own state; for compile.c and span.c alone. */
#pragma once

#include "pattern/program.h"

struct compile {
	struct arena *arena;
	struct str text;
	struct pattern pattern;
	struct pattern_program *program;
	const struct pattern_node **leaves; /* of program->leaves */
	size_t at;                          /* where the pattern is wrong */
	struct fault *fault;
};

enum err compile_wrong(struct compile *c, enum err code, size_t at, const char *what);
enum err compile_no_memory(struct compile *c);
/* What is between brackets. */
MUST_USE enum err compile_expr(
    struct pattern_expr **out, struct compile *c, const struct pattern_node *node);
/* The spans of c->pattern, with the leaves below them (span.c). */
MUST_USE enum err compile_spans(struct compile *c);
