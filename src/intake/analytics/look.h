/* SPDX-License-Identifier: Apache-2.0 */
/* The watch that gives a stream's events to the detectors (analytics/) and tells core what they
 * found. Private to intake/. */
#pragma once

#include "intake/watch.h"

extern const struct watch_class WATCH_ANALYTICS;
