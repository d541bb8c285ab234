# SPDX-License-Identifier: Apache-2.0
# Run at build time by tallygate_embed.
string(REPLACE "|" ";" files "${FILES}")
string(TOUPPER ${SET} upper)
set(entries)
set(arrays)
set(table)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  get_filename_component(folder ${file} DIRECTORY)
  if(SET STREQUAL "asset")
    set(stem ${name})
  else()
    get_filename_component(stem ${name} NAME_WLE)
  endif()
  string(MAKE_C_IDENTIFIER ${stem} stem)
  if(stem MATCHES "^_[0-9]")
    string(SUBSTRING ${stem} 1 -1 stem)
  endif()
  file(READ ${file} hex HEX)
  # "-- include: NAME.part" is looked for in the text form, where it can stand
  if(name MATCHES "\\.sql$")
    file(STRINGS ${file} includes REGEX "^-- include: ")
    foreach(line IN LISTS includes)
      string(REPLACE "-- include: " "" part "${line}")
      file(READ ${folder}/${part} part_hex HEX)
      string(HEX "${line}" line_hex)
      string(REPLACE "${line_hex}" "${part_hex}" hex "${hex}")
    endforeach()
  endif()
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,){20})" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "static const unsigned char ${SET}_${stem}[] = {\n${bytes}0x00};\n")
  string(APPEND entries "    ${upper}_${stem},\n")
  string(APPEND table "    { \"${name}\", ${SET}_${stem}, ${length} },\n")
endforeach()
file(CONFIGURE OUTPUT ${OUT}.h CONTENT "/* Generated. */
#ifndef TALLYGATE_GENERATED_${upper}_FILES_H
#define TALLYGATE_GENERATED_${upper}_FILES_H
#include <stddef.h>
enum ${SET} {
${entries}    ${upper}_COUNT
};
struct ${SET}_file {
    const char *name;
    const unsigned char *at; /* followed by a NUL that len does not count */
    size_t len;
};
extern const struct ${SET}_file ${SET}_files[];
#endif
" @ONLY)
file(WRITE ${OUT}.c "/* Generated. */
#include \"${SET}_files.h\"
${arrays}
const struct ${SET}_file ${SET}_files[] = {
${table}    { NULL, NULL, 0 },
};
")
