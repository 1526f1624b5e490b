#include "model/resources.h"

#include "base/error.h"

namespace odordiff::model {

std::filesystem::path sa_table_path(const std::filesystem::path& model_folder) {
  const auto installed = model_folder / ".." / ".." / "sa_scores.bin";
  const std::filesystem::path built = ODORDIFF_BUILD_SHARE "/sa_scores.bin";
  std::error_code ignored;
  if (std::filesystem::exists(installed, ignored)) return installed;
  if (std::filesystem::exists(built, ignored)) return built;
  throw Unavailable("the SA score table is missing: looked for " + installed.lexically_normal().string() +
                    " and " + built.string() + "; build the target odordiff_sa_table");
}

std::filesystem::path data_path(const std::filesystem::path& model_folder, const std::string& name) {
  const auto installed = model_folder / ".." / ".." / "data" / name;
  const std::filesystem::path source = ODORDIFF_SOURCE_DATA "/" + name;
  std::error_code ignored;
  if (std::filesystem::exists(installed, ignored)) return installed;
  if (std::filesystem::exists(source, ignored)) return source;
  throw Unavailable("the data folder \"" + name + "\" is missing: looked for " +
                    installed.lexically_normal().string() + " and " + source.string() +
                    "; install odordiff again");
}

}  // namespace odordiff::model
