# Compiles the studio's built files into a target, so that the program needs no file beside it.
#
# odordiff_embed_files(TARGET FOLDER OUTPUT) reads the folder's *.gz (web/pack.mjs writes them) and writes OUTPUT, a
# source that defines server::embedded_files(); src/server/static_files.h has its contract. The assembler takes the
# bytes in by .incbin, which is quicker by far than compiling them as a list of numbers.
function(odordiff_embed_files target folder output)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.gz ${folder}/assets/*.gz)
  list(SORT files)
  set(symbols "")
  set(rows "")
  set(paths "")
  set(index 0)
  foreach(file IN LISTS files)
    file(SHA256 ${folder}/${file} digest)
    file(SIZE ${folder}/${file} size)
    string(SUBSTRING ${digest} 0 32 tag)
    string(REGEX REPLACE "\\.gz$" "" name ${file})
    string(APPEND symbols "__asm__(\".section .rodata\\n.global odordiff_file_${index}\\nodordiff_file_${index}:\\n\"\n"
      "        \".incbin \\\"${folder}/${file}\\\"\\n.byte 0\\n.previous\\n\");\n"
      "extern \"C\" const char odordiff_file_${index}[];\n")
    string(APPEND rows "    {\"${name}\", {odordiff_file_${index}, ${size}}, \"${tag}\"},\n")
    list(APPEND paths ${folder}/${file})
    math(EXPR index "${index} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Written by cmake/EmbedFiles.cmake.
#include \"server/static_files.h\"

@symbols@
namespace odordiff::server {

std::span<const EmbeddedFile> embedded_files() {
  static const EmbeddedFile kFiles[] = {
@rows@  };
  return kFiles;
}

}  // namespace odordiff::server
")
  set_property(SOURCE ${output} APPEND PROPERTY OBJECT_DEPENDS "${paths}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${paths}")
  target_sources(${target} PRIVATE ${output})
endfunction()
