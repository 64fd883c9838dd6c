/* SPDX-License-Identifier: Apache-2.0 */
/* The row of the table of operations about what sources were worth; ops/ops.c alone includes this.
 */
#pragma once

#define OPS_LIFE                                                                                   \
	{.name = "source.worth",                                                                   \
	    .method = OP_GET,                                                                      \
	    .path = "/source-worth",                                                               \
	    .verb = "source worth",                                                                \
	    .action = ACTION_READ,                                                                 \
	    .kind = OP_READ,                                                                       \
	    .result = "Worth",                                                                     \
	    .answer = ANSWER_ONE,                                                                  \
	    .help = "Say what the indicators of each source were worth"}
