/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const char *const NAMES[] = {
    [OK] = "ok",
    [ERR_NOMEM] = "out of memory",
    [ERR_LIMIT] = "limit",
    [ERR_PARSE] = "syntax",
    [ERR_INVALID] = "invalid",
    [ERR_NOT_FOUND] = "not found",
    [ERR_CONFLICT] = "conflict",
    [ERR_DENIED] = "denied",
    [ERR_UNSUPPORTED] = "unsupported",
    [ERR_IO] = "input/output",
    [ERR_FULL] = "no space",
    [ERR_CORRUPT] = "corrupt",
    [ERR_BUSY] = "busy",
    [ERR_CLOSED] = "closed",
};

void fault_set(struct fault *fault, enum err code, const char *fmt, ...)
{
	va_list ap;

	if (!fault)
		return;
	fault->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
	/* Foreign bytes end up in these texts: none may move a terminal's cursor. */
	for (char *c = fault->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

const char *err_name(enum err code)
{
	size_t i = (size_t)code;

	return i < sizeof(NAMES) / sizeof(NAMES[0]) ? NAMES[i] : "unknown";
}
