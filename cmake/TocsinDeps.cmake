# Where the libraries come from: Debian's packages, and on Debian 12 the prefix that scripts/setup
# fills with OpenSSL 3.5.

if(DEFINED ENV{TOCSIN_DEPS})
  set(TOCSIN_DEPS_DEFAULT $ENV{TOCSIN_DEPS})
else()
  set(TOCSIN_DEPS_DEFAULT $ENV{HOME}/.cache/tocsin/deps)
endif()
set(TOCSIN_DEPS ${TOCSIN_DEPS_DEFAULT} CACHE PATH "prefix filled by scripts/setup")
list(PREPEND CMAKE_PREFIX_PATH ${TOCSIN_DEPS})

find_path(YYJSON_INCLUDE yyjson.h REQUIRED)
find_library(YYJSON_LIBRARY yyjson REQUIRED)
add_library(dep_yyjson INTERFACE)
target_include_directories(dep_yyjson SYSTEM INTERFACE ${YYJSON_INCLUDE})
target_link_libraries(dep_yyjson INTERFACE ${YYJSON_LIBRARY})

# The release's own shared library where it is new enough (it then brings the fixes), else ours.
if(EXISTS ${TOCSIN_DEPS}/include/openssl/ssl.h)
  set(OPENSSL_ROOT_DIR ${TOCSIN_DEPS})
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()
find_package(OpenSSL 3.5 REQUIRED)
add_library(dep_openssl INTERFACE)
target_link_libraries(dep_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)

# libevent statically, so that its TLS layer runs on the OpenSSL above.
find_path(EVENT_INCLUDE event2/event.h REQUIRED)
find_library(EVENT_CORE libevent_core.a REQUIRED)
find_library(EVENT_EXTRA libevent_extra.a REQUIRED)
find_library(EVENT_OPENSSL libevent_openssl.a REQUIRED)
add_library(dep_event INTERFACE)
target_include_directories(dep_event SYSTEM INTERFACE ${EVENT_INCLUDE})
target_link_libraries(dep_event INTERFACE ${EVENT_OPENSSL} ${EVENT_EXTRA} ${EVENT_CORE} dep_openssl)

find_path(ZSTD_INCLUDE zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(dep_zstd INTERFACE)
target_include_directories(dep_zstd SYSTEM INTERFACE ${ZSTD_INCLUDE})
target_link_libraries(dep_zstd INTERFACE ${ZSTD_LIBRARY})

find_library(SQLITE_LIBRARY sqlite3 REQUIRED)
add_library(dep_sqlite INTERFACE)
target_link_libraries(dep_sqlite INTERFACE ${SQLITE_LIBRARY})

find_library(SECCOMP_LIBRARY seccomp REQUIRED)
add_library(dep_seccomp INTERFACE)
target_link_libraries(dep_seccomp INTERFACE ${SECCOMP_LIBRARY})

find_path(PCRE2_INCLUDE pcre2.h REQUIRED)
find_library(PCRE2_LIBRARY pcre2-8 REQUIRED)
find_path(UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
add_library(dep_text INTERFACE)
target_include_directories(dep_text SYSTEM INTERFACE ${PCRE2_INCLUDE} ${UTF8PROC_INCLUDE})
target_link_libraries(dep_text INTERFACE ${PCRE2_LIBRARY} ${UTF8PROC_LIBRARY})

# Of p11-kit only the header: the module is loaded where the operator names one.
find_path(PKCS11_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)
add_library(dep_pkcs11 INTERFACE)
target_include_directories(dep_pkcs11 SYSTEM INTERFACE ${PKCS11_INCLUDE})
target_link_libraries(dep_pkcs11 INTERFACE ${CMAKE_DL_LIBS})

# Which module may use which library: the driver is the only code that knows its engine.
set(TOCSIN_LIBS_codec dep_yyjson dep_zstd)
set(TOCSIN_LIBS_crypt dep_openssl dep_pkcs11)
set(TOCSIN_LIBS_sys dep_event dep_seccomp)
set(TOCSIN_LIBS_http dep_event)
set(TOCSIN_LIBS_pattern dep_text)
set(TOCSIN_LIBS_view dep_sqlite)
