# Warnings are errors in our own code; third-party headers are included as SYSTEM.
add_library(odordiff_warnings INTERFACE)
target_compile_options(odordiff_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                   -Wno-sign-conversion -Werror)
if(ODORDIFF_SANITIZE)
  add_compile_options(-fsanitize=${ODORDIFF_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ODORDIFF_SANITIZE})
  # At the sanitizers' -O1, GCC 12 warns of what is not there: std::regex, Boost's optionals and coroutine frames.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(odordiff_warnings INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
  endif()
endif()
if(CMAKE_UNITY_BUILD)
  # GCC takes the sources that a unity source includes for headers.
  target_compile_options(odordiff_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
