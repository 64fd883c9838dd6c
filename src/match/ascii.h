/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the bytes of addresses, names and digests, sixteen or eight at a time and without
 * deciding anything from one byte to the next: events differ, and wrong guesses are dear. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum { ASCII_SLACK = 32 }; /* bytes that must be readable behind a text */

/* A dotted quad without leading zeros (some read them as octal). */
bool ascii_ipv4(struct str text, unsigned char out[4]);
/* n digits (an even number) in either case into n / 2 bytes; no slack is needed. */
bool ascii_hex(const char *p, size_t n, char *out);
/* Nothing but lower-case letters, digits, '-', '.' and '_'. */
bool ascii_host_plain(struct str text);
/* The same with capitals, made small into out; false when it has other bytes. */
bool ascii_host_lower(struct str text, char *out);
