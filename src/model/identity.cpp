#include "model/identity.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>

#include "base/error.h"
#include "base/sha256.h"
#include "model/resources.h"

namespace odordiff::model {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTables[] = {"safety", "synthesis"};
constexpr std::size_t kDigits = 32;

std::string sha256_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.eof() && !in) throw Unavailable("cannot read " + quote_for_message(file.string(), 300));
  return sha256_hex(bytes);
}

}  // namespace

std::string_view program_version() {
  return ODORDIFF_VERSION;
}

Identity identify(const Config& config, std::string_view precision, std::string_view backend,
                  int answer_version) {
  std::map<std::string, std::string> sums{{"config.json", config.sha256},
                                          {"sa_scores.bin", sha256_of(sa_table_path(config.folder))}};
  for (const char* table : kTables) {
    for (const auto& entry : fs::directory_iterator(data_path(config.folder, table))) {
      if (!entry.is_regular_file() || entry.path().extension() != ".tsv") continue;
      sums[fmt::format("{}/{}", table, entry.path().filename().string())] = sha256_of(entry.path());
    }
  }
  std::string all = fmt::format("program {}\nanswers {}\nprecision {}\nbackend {}\n", program_version(),
                                answer_version, precision, backend);
  for (const auto& [name, sum] : sums) all += fmt::format("{} {}\n", name, sum);
  return {config.name, config.version, std::string(precision), std::string(backend),
          sha256_hex(all).substr(0, kDigits)};
}

}  // namespace odordiff::model
