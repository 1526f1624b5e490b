# Warnings are errors in our own code; third-party headers are included as SYSTEM.
add_library(odordiff_warnings INTERFACE)
target_compile_options(odordiff_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                   -Wno-sign-conversion -Werror)
if(ODORDIFF_SANITIZE)
  add_compile_options(-fsanitize=${ODORDIFF_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ODORDIFF_SANITIZE})
endif()
