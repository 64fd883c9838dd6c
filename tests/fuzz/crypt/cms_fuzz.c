/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a certificate or a signature: reading it stays inside and ends, and nothing
 * verifies that is not about what was signed. */
#include "base/base64.h"
#include "crypt/cms.h"

static const char CERTIFICATE[] =
    "MIIBdjCCARugAwIBAgIUbDCIKVeyOoqvBULPGnfRkXI3x+IwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEYWNtZTAgFw"
    "0yNjExMjgwNzMwMzZaGA8yMTI2MTEwNDA3MzAzNlowDzENMAsGA1UEAwwEYWNtZTBZMBMGByqGSM49AgEGCCqGSM49"
    "AwEHA0IABAUyy7adeF15Z67Qs5BJxG+cFSaAsdndSfovo6GBlaIJxd1P99mscvjAX7KeILidhQEgP6hT6bZE4WsvFc"
    "YsK92jUzBRMB0GA1UdDgQWBBQ2H/ssBJpR83Z7zR3EYbMsIXK8RDAfBgNVHSMEGDAWgBQ2H/ssBJpR83Z7zR3EYbMs"
    "IXK8RDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQD/ItjaWdMGW0pvj0oIgpE5Tm7MdZX0CmxCnm"
    "laM0h8sgIhAJdW8zfU47e3pr7z7zQT1USPhOQ7ibPOQ2Yu2kRDcOLo";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size};
	struct arena *arena = arena_new(8 << 20);
	struct cms_check check = {.signature = input, .now = 1800000000 * USEC_PER_SEC};
	struct cms_certificate certificate;
	struct cms_signed found;

	if (cms_certificate_read(&certificate, arena, input, NULL) == OK &&
	    (certificate.der.n == 0 || certificate.der.n > CMS_CERTIFICATE_MAX))
		__builtin_trap();
	if (base64_decode(&check.certificate, arena, str_c(CERTIFICATE)) != OK)
		__builtin_trap();
	if (cms_verify(&found, arena, &check, NULL) == OK && found.content.n > size)
		__builtin_trap();
	check.content = S("nobody signed this");
	if (cms_verify(&found, arena, &check, NULL) == OK)
		__builtin_trap();
	arena_free(arena);
	return 0;
}
