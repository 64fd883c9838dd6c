/* SPDX-License-Identifier: Apache-2.0 */
/* Inside api/: signing in with the identity provider. */
#pragma once

#include "api/request.h"

void signin_ways(struct api_request *q);
void signin_begin(struct api_request *q);
void signin_finish(struct api_request *q);

/* "oidc-state": as people, log and metrics have it. */
const char *signin_end_name(enum signin_end end);
