# `cmake --install build --prefix /usr`: the program, its pages, its service, its documents.

include(GNUInstallDirs)
if(TARGET tocsin)
  install(TARGETS tocsin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES doc/man/tocsin.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES doc/man/tocsin.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES dist/tocsin.service DESTINATION lib/systemd/system)
file(GLOB documents ${CMAKE_SOURCE_DIR}/doc/*.md ${CMAKE_SOURCE_DIR}/doc/*.json)
install(FILES ${documents} README.md CHANGELOG.md LICENSE SECURITY.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
