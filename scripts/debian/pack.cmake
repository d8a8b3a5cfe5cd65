# Debian packages: ffd, and libffclient-dev (scripts/deb builds them).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ffd)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "learning from a stream with Forward-Forward")
set(CPACK_PACKAGE_CONTACT "The ffd authors <ffd@example.org>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/gzip.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What OpenBLAS is called depends on which one was there at build time; any does.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ffd)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_LIST_DIR}/postinst
    ${CMAKE_CURRENT_LIST_DIR}/prerm
    ${CMAKE_CURRENT_LIST_DIR}/postrm
    ${CMAKE_CURRENT_LIST_DIR}/conffiles)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"ffd takes frames (pictures, sensor vectors) over a socket and learns from each
at once with the Forward-Forward algorithm: no training run, no backward pass.
It answers questions the whole time, with calibrated confidence, and survives
power cuts with a model that is the same to the bit. This package has the
daemon, its dashboard, and ffctl.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libffclient-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libmsgpack-dev, libssl-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
"Header, static library and pkg-config file of libffclient, for C programs that
talk to ffd: feed frames, ask, and be told of events.")

# Debian wants these beside each package.
find_program(FFD_GZIP gzip)
if(FFD_GZIP)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in
        ${CMAKE_BINARY_DIR}/debian-changelog @ONLY)
    foreach(component runtime dev)
        set(package ffd)
        if(component STREQUAL dev)
            set(package libffclient-dev)
        endif()
        install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
            COMPONENT ${component})
        install(FILES ${CMAKE_BINARY_DIR}/debian-changelog
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
            RENAME changelog COMPONENT ${component})
    endforeach()
endif()
include(CPack)
