/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli; RFC 3720 appendix B.4): finds torn and rotten bytes, not forgeries. */
#pragma once

#include <stdint.h>

#include "base/str.h"

/* Goes on from crc (0 to begin with); by the processor's instruction where it has one. */
uint32_t crc32c(uint32_t crc, struct str s);
/* The same by table, on every processor. */
uint32_t crc32c_table(uint32_t crc, struct str s);
