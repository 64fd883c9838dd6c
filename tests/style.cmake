# The gates, as tests. None has an allow-list.

foreach(gate IN ITEMS layers size banned format man)
  add_test(NAME style/${gate} COMMAND ${CMAKE_SOURCE_DIR}/tools/check-${gate})
  set_tests_properties(style/${gate} PROPERTIES LABELS style TIMEOUT 120)
endforeach()
if(NOT TOCSIN_SANITIZE)
  add_test(NAME style/globals COMMAND ${CMAKE_SOURCE_DIR}/tools/check-globals ${CMAKE_BINARY_DIR})
  set_tests_properties(style/globals PROPERTIES LABELS style TIMEOUT 120)
endif()
add_test(NAME style/trace COMMAND ${CMAKE_SOURCE_DIR}/tools/trace --check ${CMAKE_BINARY_DIR})
set_tests_properties(style/trace PROPERTIES LABELS style TIMEOUT 120)
add_test(NAME style/gates_can_fail COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/gates_can_fail.py)
set_tests_properties(style/gates_can_fail PROPERTIES LABELS style TIMEOUT 120)
