/* SPDX-License-Identifier: Apache-2.0 */
/* The views there are; private to this folder. VIEW_CLASSES lists them for everybody else. */
#pragma once

#include "view/view.h"

extern const struct view_class VIEW_FEED;
extern const struct view_class VIEW_RELATIONS;
extern const struct view_class VIEW_TEXT;
extern const struct view_class VIEW_STATE;
extern const struct view_class VIEW_INDICATORS;
extern const struct view_class VIEW_EGRESS;
