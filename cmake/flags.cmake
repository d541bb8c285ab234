# SPDX-License-Identifier: Apache-2.0
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# tallygate_flags is for everything; tallygate_plain_flags is the same without sanitizers.
add_library(tallygate_plain_flags INTERFACE)
add_library(tallygate_flags INTERFACE)
target_link_libraries(tallygate_flags INTERFACE tallygate_plain_flags)
target_compile_definitions(tallygate_plain_flags INTERFACE _GNU_SOURCE OPENSSL_NO_DEPRECATED
  TALLYGATE_VERSION="${PROJECT_VERSION}")
target_compile_options(tallygate_plain_flags INTERFACE
  -Wall -Wextra -Wpedantic
  -Wshadow -Wconversion -Wsign-conversion -Wcast-align -Wcast-qual
  -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wfloat-equal
  -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes
  -Wmissing-declarations -Wnested-externs -Wredundant-decls
  -Wformat=2 -Werror=format-security -Wnull-dereference -Wdouble-promotion
  -Wimplicit-fallthrough -Wswitch-enum -Winit-self -Wdate-time
  -Werror=implicit-function-declaration -Werror=return-type
  -Werror=incompatible-pointer-types -Werror=int-conversion -Werror=unused-result
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op;-Wduplicated-cond;-Wduplicated-branches;-Walloc-zero;-Warith-conversion;-Wstringop-overflow=4;-Wtrampolines;-Wjump-misses-init;-Wformat-overflow=2;-Wformat-truncation=2;-Wbad-function-cast>
  $<$<C_COMPILER_ID:Clang>:-Wshorten-64-to-32;-Wconditional-uninitialized;-Wcomma;-Wassign-enum;-Wunreachable-code-aggressive;-Wextra-semi>
  $<$<AND:$<C_COMPILER_ID:Clang>,$<NOT:$<BOOL:$<TARGET_PROPERTY:TALLYGATE_TEST>>>>:-Wmissing-variable-declarations>
  $<$<BOOL:${TALLYGATE_WERROR}>:-Werror>
  -fvisibility=hidden
  $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>)

# Hardening is probed, never assumed.
foreach(flag IN ITEMS
    -fstack-protector-strong -fstack-clash-protection -fno-strict-aliasing -fno-common
    -fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
    -fcf-protection=full -mbranch-protection=standard -fstrict-flex-arrays=3 -Wbidi-chars=any)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
  check_c_compiler_flag("-Werror ${flag}" ${have})
  if(${have})
    target_compile_options(tallygate_plain_flags INTERFACE ${flag})
  endif()
endforeach()
target_link_options(tallygate_plain_flags INTERFACE
  -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed,--no-copy-dt-needed-entries)

if(TALLYGATE_SANITIZE)
  target_compile_options(tallygate_flags INTERFACE -fsanitize=${TALLYGATE_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_definitions(tallygate_flags INTERFACE TALLYGATE_SANITIZED)
  target_link_options(tallygate_flags INTERFACE -fsanitize=${TALLYGATE_SANITIZE})
endif()
