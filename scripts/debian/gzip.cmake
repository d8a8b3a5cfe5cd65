# Manual pages and changelogs are compressed in a package, without a date.
file(GLOB_RECURSE files
    "${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/man/*"
    "${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*/changelog")
foreach(file IN LISTS files)
    execute_process(COMMAND gzip -9nf "${file}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
