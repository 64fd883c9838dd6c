/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629): which bytes are one well-formed character. Knows no normalisation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Bytes of the well-formed character at s[at] (1 to 4), or 0 when there is none: overlong forms,
 * surrogates, values past U+10FFFF and cut-off tails are not characters. at < s.n. */
size_t utf8_char(struct str s, size_t at);
bool utf8_valid(struct str s);
/* The value of the character that utf8_char found to be `n` bytes long. */
uint32_t utf8_value(struct str s, size_t at, size_t n);
