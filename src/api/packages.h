/* SPDX-License-Identifier: Apache-2.0 */
/* How old a picture is that packages give, and what of it is missing: as alarms, in the status and
 * in the figures. Pure. Private to api/. */
#pragma once

#include "codec/json.h"
#include "gate/peers.h"

/* The alarms "package-missing" and "package-old" of those who feed this node, as items of a list
 * that is begun. hours 0: nothing is ever too old. */
void packages_put_alarms(struct json_writer *w, const struct gate_peers *fed, uint32_t hours,
    usec now, struct arena *arena);
/* The member "picture_made", unless no package feeds this node. */
void packages_put_picture(struct json_writer *w, const struct gate_peers *fed);
