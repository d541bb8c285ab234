# SPDX-License-Identifier: Apache-2.0
# tallygate_embed(db statement "sql/queries/*.sql"): every file becomes bytes in the program.
#
# Generates <set>_files.h and .c with
#     enum statement { STATEMENT_payment_apply, …, STATEMENT_COUNT };   (file stem; '.' and '-' become '_')
#     struct statement_file { const char *name; const unsigned char *at; size_t len; };
#     extern const struct statement_file statement_files[];             (`name` is the file's own name)
# A line `-- include: other.part` in a file is replaced by that file of the same folder, so that two
# statements can share one body.
function(tallygate_embed library set)
  set(globs ${ARGN})
  list(TRANSFORM globs PREPEND ${CMAKE_SOURCE_DIR}/)
  file(GLOB files CONFIGURE_DEPENDS ${globs})
  list(SORT files)
  list(FILTER files EXCLUDE REGEX "\\.(part|md)$")
  string(REPLACE ";" "|" joined "${files}")
  set(out ${CMAKE_BINARY_DIR}/generated/${set}_files)
  set(parts)
  foreach(glob IN LISTS globs)
    get_filename_component(folder ${glob} DIRECTORY)
    file(GLOB more CONFIGURE_DEPENDS ${folder}/*.part)
    list(APPEND parts ${more})
  endforeach()
  add_custom_command(OUTPUT ${out}.c ${out}.h
    COMMAND ${CMAKE_COMMAND} -DSET=${set} "-DFILES=${joined}" -DOUT=${out}
      -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${files} ${parts} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    COMMENT "embedding ${set} files" VERBATIM)
  target_sources(${library} PRIVATE ${out}.c ${out}.h)
  target_include_directories(${library} PUBLIC ${CMAKE_BINARY_DIR}/generated)
  add_custom_target(embed_${set} DEPENDS ${out}.h)
  add_dependencies(${library} embed_${set})
endfunction()

# tallygate_adapter_registry(target adapters ...): the registry of providers is the list of the folders
# below the given ones that hold a source of their own name. It names the providers; their sources are
# the target's own or those of what it is linked to.
function(tallygate_adapter_registry target)
  set(names)
  foreach(folder IN LISTS ARGN)
    file(GLOB entries CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*)
    foreach(entry IN LISTS entries)
      get_filename_component(name ${entry} NAME)
      if(IS_DIRECTORY ${entry} AND EXISTS ${entry}/${name}.c)
        if(name IN_LIST names)
          message(FATAL_ERROR "two providers are called ${name}")
        endif()
        list(APPEND names ${name})
      endif()
    endforeach()
  endforeach()
  list(SORT names)
  set(text "/* Generated from the folders below ${ARGN}. */\n#include \"adapter.h\"\n\n")
  foreach(name IN LISTS names)
    string(APPEND text "extern const struct adapter adapter_${name};\n")
  endforeach()
  string(APPEND text "\nconst struct adapter *const adapter_registry[] = {\n")
  foreach(name IN LISTS names)
    string(APPEND text "    &adapter_${name},\n")
  endforeach()
  string(APPEND text "    NULL,\n};\nconst size_t adapter_registry_count = sizeof(adapter_registry) / sizeof(adapter_registry[0]) - 1;\n")
  set(out ${CMAKE_BINARY_DIR}/generated/${target}_adapter_registry.c)
  file(CONFIGURE OUTPUT ${out} CONTENT "${text}" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
