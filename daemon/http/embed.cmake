# Make a C file of the dashboard's files: cmake -DOUT=FILE -DROOT=DIR
# "-DFILES=a;b" -P embed.cmake. Paths are below ROOT; index.html is "/".
set(bodies "")
set(rows "")
set(i 0)
foreach(name IN LISTS FILES)
    string(REGEX MATCH "[a-z]+$" ending "${name}")
    if(ending STREQUAL "html" OR ending STREQUAL "css")
        set(type "text/${ending}; charset=utf-8")
    elseif(ending STREQUAL "js")
        set(type "text/javascript; charset=utf-8")
    elseif(ending STREQUAL "svg")
        set(type "image/svg+xml")
    else()
        message(FATAL_ERROR "${name}: no content type is known for it")
    endif()
    file(READ "${ROOT}/${name}" hex HEX)
    file(SHA256 "${ROOT}/${name}" hash)
    string(SUBSTRING "${hash}" 0 16 hash)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(0x0a,)" "\\1\n" bytes "${bytes}")
    string(APPEND bodies
        "static unsigned char file_${i}[] = {\n${bytes}\n};\n\n")
    set(path "/${name}")
    if(name STREQUAL "index.html")
        set(path "/")
    endif()
    string(APPEND rows "    {\"${path}\", \"${type}\",\n"
        "     \"\\\"${hash}\\\"\", file_${i}, sizeof(file_${i})},\n")
    math(EXPR i "${i} + 1")
endforeach()
file(WRITE "${OUT}" "/* Made by embed.cmake. */\n"
    "#include \"daemon/http/files.h\"\n\n${bodies}"
    "const struct ffd_http_file ffd_http_files[] = {\n${rows}    {0},\n};\n")
