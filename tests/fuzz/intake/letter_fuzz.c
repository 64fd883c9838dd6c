/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a member sends as a mail: reading it stays inside and ends, and a bundle comes out only
 * of what fits the certificate. */
#include "base/base64.h"
#include "intake/letter/letter.h"

static const char CERTIFICATE[] =
    "MIIBdjCCARugAwIBAgIUbDCIKVeyOoqvBULPGnfRkXI3x+IwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEYWNtZTAgFw"
    "0yNjExMjgwNzMwMzZaGA8yMTI2MTEwNDA3MzAzNlowDzENMAsGA1UEAwwEYWNtZTBZMBMGByqGSM49AgEGCCqGSM49"
    "AwEHA0IABAUyy7adeF15Z67Qs5BJxG+cFSaAsdndSfovo6GBlaIJxd1P99mscvjAX7KeILidhQEgP6hT6bZE4WsvFc"
    "YsK92jUzBRMB0GA1UdDgQWBBQ2H/ssBJpR83Z7zR3EYbMsIXK8RDAfBgNVHSMEGDAWgBQ2H/ssBJpR83Z7zR3EYbMs"
    "IXK8RDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQD/ItjaWdMGW0pvj0oIgpE5Tm7MdZX0CmxCnm"
    "laM0h8sgIhAJdW8zfU47e3pr7z7zQT1USPhOQ7ibPOQ2Yu2kRDcOLo";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct letter letter = {.file = {(const char *)data, size},
	    .signature = STR_NONE,
	    .now = 1800000000 * USEC_PER_SEC};
	struct arena *arena = arena_new(16 << 20);
	struct letter_content content;

	if (base64_decode(&letter.certificate, arena, str_c(CERTIFICATE)) != OK)
		__builtin_trap();
	if (letter_open(&content, arena, &letter, NULL) == OK && content.bundle.n > size)
		__builtin_trap();
	arena_free(arena);
	return 0;
}
