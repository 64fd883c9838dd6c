/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations: what a node can be asked, once. Router, command line, role check, audit
 * verb, OpenAPI file, help and the UI's types are all made from these rows. Data only. */
#pragma once

#include "ops/role.h"
