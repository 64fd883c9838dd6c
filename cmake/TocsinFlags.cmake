# Compiler flags, the same for every target of ours.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# Asserts stay on in every build: they state what must not go on.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

option(TOCSIN_WERROR "Warnings are errors" OFF)
set(TOCSIN_SANITIZE "" CACHE STRING "address,undefined | thread | empty")
option(TOCSIN_FUZZ "Build libFuzzer targets (clang)" OFF)
option(TOCSIN_UI "Build the web interface with npm and link it in" ON)

add_compile_definitions(_GNU_SOURCE)
# No path of the machine that builds gets into the program: two builds are the same bytes.
add_compile_options(-ffile-prefix-map=${CMAKE_BINARY_DIR}=build -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wconversion
  -Wimplicit-fallthrough -Wdouble-promotion -Wnull-dereference
  -fstack-protector-strong -fno-common)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -fstack-clash-protection -fcf-protection)
endif()
if(TOCSIN_WERROR)
  add_compile_options(-Werror)
endif()
if(TOCSIN_FUZZ)
  # Coverage and checks in every module; the fuzzer's own main only in the targets.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(TOCSIN_SANITIZE)
  add_compile_options(-fsanitize=${TOCSIN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
  if(TOCSIN_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
# About a sixth of what checking a STIX object costs, and twenty seconds for each link: for what
# `make` builds, not for what is built to be tested. Tests are linked from the machine code beside.
option(TOCSIN_LTO "Optimise the programs across files (gcc)" OFF)
if(TOCSIN_LTO)
  add_compile_options(-flto=auto -ffat-lto-objects)
  add_link_options(-flto=auto)
  set(TOCSIN_NO_LTO -fno-lto)
endif()
add_link_options(-Wl,-z,relro,-z,now -Wl,--exclude-libs,ALL)
