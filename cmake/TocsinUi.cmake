# The web interface inside the program: npm builds it, a script turns the files into one C source
# that defines ui_files[] of src/api/ui_files.h. With TOCSIN_UI=OFF the table is empty and neither
# Node nor a registry is needed.

set(ui_dir ${CMAKE_SOURCE_DIR}/ui)
set(ui_out ${CMAKE_BINARY_DIR}/ui)
set(TOCSIN_UI_DIST ${ui_out}/dist)
set(ui_source ${ui_out}/ui_files.c)

if(TOCSIN_UI)
  find_program(NODE_PROGRAM node REQUIRED)
  find_program(NPM_PROGRAM npm REQUIRED)
  file(GLOB_RECURSE ui_inputs CONFIGURE_DEPENDS ${ui_dir}/src/*)
  # node_modules is shared by all build folders: it is laid anew only when the lock file changed.
  add_custom_command(OUTPUT ${ui_out}/modules.stamp
    COMMAND sh -c "cmp -s package-lock.json node_modules/.lock-of-tocsin || { \
'${NPM_PROGRAM}' ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
cp package-lock.json node_modules/.lock-of-tocsin; } || { \
echo 'npm could not fetch the packages of the web interface; without them: cmake -DTOCSIN_UI=OFF' >&2; exit 1; }"
    COMMAND ${CMAKE_COMMAND} -E touch ${ui_out}/modules.stamp
    DEPENDS ${ui_dir}/package-lock.json
    WORKING_DIRECTORY ${ui_dir} VERBATIM
    COMMENT "Fetching the packages of the web interface")
  add_custom_command(OUTPUT ${ui_source}
    COMMAND ${NODE_PROGRAM} node_modules/vite/bin/vite.js build --logLevel warn
      --outDir ${TOCSIN_UI_DIST} --emptyOutDir
    COMMAND ${NODE_PROGRAM} scripts/embed.mjs ${TOCSIN_UI_DIST} ${ui_source}
    DEPENDS ${ui_out}/modules.stamp ${ui_inputs} ${ui_dir}/index.html ${ui_dir}/vite.config.ts
      ${ui_dir}/scripts/embed.mjs
    WORKING_DIRECTORY ${ui_dir} VERBATIM
    COMMENT "Building the web interface")
else()
  file(CONFIGURE OUTPUT ${ui_source} CONTENT [[
#include "api/ui_files.h"

const struct ui_file ui_files[] = {{NULL, NULL, NULL, NULL, NULL, NULL}};
const size_t ui_file_count = 0;
]])
endif()

if(TARGET api AND EXISTS ${CMAKE_SOURCE_DIR}/src/api/ui_files.h)
  target_sources(api PRIVATE ${ui_source})
  # Its data is assembler's, which optimising across files does not see.
  set_source_files_properties(${ui_source} PROPERTIES COMPILE_OPTIONS "${TOCSIN_NO_LTO}")
elseif(TOCSIN_UI)
  add_custom_target(ui ALL DEPENDS ${ui_source})
endif()

if(TOCSIN_UI)
  add_test(NAME ui/check COMMAND ${NODE_PROGRAM} scripts/check.mjs WORKING_DIRECTORY ${ui_dir})
  add_test(NAME ui/unit COMMAND ${NODE_PROGRAM} node_modules/vitest/vitest.mjs run
    WORKING_DIRECTORY ${ui_dir})
  add_test(NAME ui/budget COMMAND ${NODE_PROGRAM} scripts/budget.mjs ${TOCSIN_UI_DIST}
    WORKING_DIRECTORY ${ui_dir})
  set_tests_properties(ui/check ui/budget PROPERTIES LABELS style TIMEOUT 300)
  set_tests_properties(ui/unit PROPERTIES LABELS unit TIMEOUT 300)
  add_test(NAME ui/e2e COMMAND ${NODE_PROGRAM} test/e2e/run.mjs ui.mjs WORKING_DIRECTORY ${ui_dir})
  set_tests_properties(ui/e2e PROPERTIES LABELS e2e TIMEOUT 900 SKIP_RETURN_CODE 77
    ENVIRONMENT TOCSIN_UI_DIST=${TOCSIN_UI_DIST})
  if(TARGET tocsin)
    add_test(NAME ui/node COMMAND ${NODE_PROGRAM} test/e2e/run.mjs node.mjs
      WORKING_DIRECTORY ${ui_dir})
    add_test(NAME ui/share COMMAND ${NODE_PROGRAM} test/e2e/run.mjs share.mjs
      WORKING_DIRECTORY ${ui_dir})
    set_tests_properties(ui/node ui/share PROPERTIES LABELS e2e TIMEOUT 300 SKIP_RETURN_CODE 77
      ENVIRONMENT TOCSIN=$<TARGET_FILE:tocsin>)
  endif()
endif()
