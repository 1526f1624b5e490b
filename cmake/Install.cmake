# What an installation holds: bin/odordiff with its manual page and completions, libodordiff with its public headers and
# CMake package, the model, and the documents. The floors are private: they go into the program and the library.
include(CMakePackageConfigHelpers)

if(TARGET odordiff_generate)
  add_library(odordiff_library SHARED ${PROJECT_SOURCE_DIR}/src/generate/api.cpp)
  set_target_properties(odordiff_library PROPERTIES
    OUTPUT_NAME odordiff
    EXPORT_NAME odordiff
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  target_compile_features(odordiff_library PUBLIC cxx_std_20)
  target_include_directories(odordiff_library PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  file(RELATIVE_PATH models_from_library
    ${CMAKE_INSTALL_FULL_LIBDIR} ${CMAKE_INSTALL_FULL_DATADIR}/odordiff/models)
  target_compile_definitions(odordiff_library PRIVATE
    ODORDIFF_VERSION="${PROJECT_VERSION}"
    ODORDIFF_MODELS_FROM_LIBRARY="${models_from_library}")
  # The floors are archives inside the library, so those who link it need none of them.
  target_link_libraries(odordiff_library
    PRIVATE $<BUILD_INTERFACE:odordiff_generate> $<BUILD_INTERFACE:odordiff_warnings> ${CMAKE_DL_LIBS})
  # Symbols of the floors stay inside.
  target_link_options(odordiff_library PRIVATE LINKER:--exclude-libs,ALL)
  if(NOT ODORDIFF_SANITIZE)
    target_link_options(odordiff_library PRIVATE LINKER:--no-undefined)
  endif()
  add_library(odordiff::odordiff ALIAS odordiff_library)

  install(TARGETS odordiff_library EXPORT odordiff
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/odordiff DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
  install(EXPORT odordiff NAMESPACE odordiff:: FILE odordiffTargets.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/odordiff)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/odordiffConfig.cmake.in
    ${PROJECT_BINARY_DIR}/odordiffConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/odordiff)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/odordiffConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/odordiffConfig.cmake ${PROJECT_BINARY_DIR}/odordiffConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/odordiff)
endif()

if(TARGET odordiff)
  install(TARGETS odordiff RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  # odordiff_install_output(FOLDER FILE ARGUMENT...) installs what the program prints for these arguments.
  function(odordiff_install_output folder file)
    install(CODE "
      file(MAKE_DIRECTORY \"${PROJECT_BINARY_DIR}/install\")
      execute_process(COMMAND \"$<TARGET_FILE:odordiff>\" ${ARGN}
        OUTPUT_FILE \"${PROJECT_BINARY_DIR}/install/${file}\" COMMAND_ERROR_IS_FATAL ANY)
      file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${folder}\" TYPE FILE
        FILES \"${PROJECT_BINARY_DIR}/install/${file}\")")
  endfunction()
  odordiff_install_output(${CMAKE_INSTALL_MANDIR}/man1 odordiff.1 man)
  odordiff_install_output(${CMAKE_INSTALL_DATADIR}/bash-completion/completions odordiff completion bash)
  odordiff_install_output(${CMAKE_INSTALL_DATADIR}/zsh/site-functions _odordiff completion zsh)
  odordiff_install_output(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d odordiff.fish completion fish)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/odordiff/models OPTIONAL)
# Tables that are read at run time, each in a form that a specialist can read and extend.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/safety ${PROJECT_SOURCE_DIR}/data/synthesis
  DESTINATION ${CMAKE_INSTALL_DATADIR}/odordiff/data OPTIONAL)
install(FILES README.md CHANGELOG.md LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)
