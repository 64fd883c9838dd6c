/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of answers about values for sensors; ops/schema.c alone includes this. */
#pragma once

static const struct field INDICATOR_VALUE[] = {
    {"value", TYPE_TEXT, MUST, .help = "in its canonical form"},
    {"kind", TYPE_TEXT, MUST, .help = "ipv4-addr, domain-name, file:SHA-256 ..."},
    {"id", TYPE_ID, MUST, .help = "of the indicator"},
};

static const char *const WORDS_LEFT[] = {
    "revoked", "time", "quarantined", "pap", "iep", "label", "pattern", NULL};

static const struct field LEFT_OUT[] = {
    {"reason", TYPE_TEXT, MUST, .values = WORDS_LEFT,
        .help = "time: not yet or no longer valid; pattern: it is no set of values"},
    {"count", TYPE_INT, MUST, .help = "indicators"},
};

static const struct field INDICATOR_VALUES[] = {
    {"values", TYPE_SCHEMA, MUST, true, "IndicatorValue", NULL, "newest indicators first"},
    {"indicators", TYPE_INT, MUST, .help = "on this page, with such values"},
    {"left_out", TYPE_SCHEMA, MUST, true, "LeftOut", NULL, "of those looked at for this page"},
    {"next", TYPE_TEXT, MAY, .help = "token of the next page; absent at the end"},
};

#define SHAPES_EXPORT                                                                              \
	SHAPE("IndicatorValues", INDICATOR_VALUES, "Values for sensors"),                          \
	    SHAPE("IndicatorValue", INDICATOR_VALUE, "A value that an indicator names"),           \
	    SHAPE("LeftOut", LEFT_OUT, "Why indicators are left out")
