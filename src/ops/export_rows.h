/* SPDX-License-Identifier: Apache-2.0 */
/* The row of the table of operations about values for sensors; ops/ops.c alone includes this. */
#pragma once

static const char *const WORDS_USE[] = {"detect", "block", NULL};
static const char *const WORDS_VALUE[] = {"ipv4-addr", "ipv6-addr", "domain-name", "url",
    "email-addr", "file:MD5", "file:SHA-1", "file:SHA-256", "file:SHA-512", "x509-certificate:MD5",
    "x509-certificate:SHA-1", "x509-certificate:SHA-256", "ja3", "ja3s", "ja4", "user-agent", NULL};

static const struct op_param INDICATOR_EXPORT[] = {
    {"for", IN_QUERY, TYPE_TEXT, MUST, 1, 10, WORDS_USE, "what is done when a value is met"},
    {"kind", IN_QUERY, TYPE_TEXT, MAY, 1, 30, WORDS_VALUE, "of values; all when not given"},
    PARAM_LIMIT,
    PARAM_NEXT,
};

#define OPS_EXPORT                                                                                 \
	{.name = "indicator.export",                                                               \
	    .method = OP_GET,                                                                      \
	    .path = "/indicator-values",                                                           \
	    .verb = "indicator export",                                                            \
	    .action = ACTION_READ,                                                                 \
	    .kind = OP_READ,                                                                       \
	    PARAMS(INDICATOR_EXPORT),                                                              \
	    .result = "IndicatorValues",                                                           \
	    .answer = ANSWER_ONE,                                                                  \
	    .help = "Values of the indicators that may be used so, and why others are left out"}
