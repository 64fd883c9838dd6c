/* SPDX-License-Identifier: Apache-2.0 */
/* What [analytics] of the configuration says. */
#pragma once

#include "sys/config.h"

struct analytics_settings;

/* ERR_INVALID and ERR_LIMIT name what is wrong. */
MUST_USE enum err analytics_settings_of(
    struct analytics_settings *out, const struct config *config, struct fault *fault);
MUST_USE enum err analytics_settings_check(const struct config *config, struct fault *fault);
