#include "nn/cpu.h"

#include <cstdlib>

#include "base/error.h"
#include "nn/kernels.h"

namespace odordiff::nn {

CpuFeatures detect_cpu() {
  CpuFeatures f;
#if defined(__x86_64__)
  __builtin_cpu_init();
  f.avx2_fma = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  f.avx512 = f.avx2_fma && __builtin_cpu_supports("avx512f") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
             __builtin_cpu_supports("avx512dq") != 0;
  f.avx512_vnni = f.avx512 && __builtin_cpu_supports("avx512vnni") != 0;
#endif
  return f;
}

CpuPath choose_cpu_path(const std::string& forced, const CpuFeatures& features) {
  const CpuPath best = features.avx512     ? CpuPath::Avx512
                       : features.avx2_fma ? CpuPath::Avx2
                                           : CpuPath::Baseline;
  if (forced.empty()) return best;
  for (const CpuPath path : {CpuPath::Baseline, CpuPath::Avx2, CpuPath::Avx512}) {
    if (forced != to_string(path)) continue;
    if (path > best) throw InvalidInput("ODORDIFF_CPU=" + forced + ": this CPU has only " + to_string(best));
    return path;
  }
  throw InvalidInput("ODORDIFF_CPU must be baseline, avx2 or avx512, not " + quote_for_message(forced));
}

CpuPath cpu_path() {
  static const CpuPath path = [] {
    const char* forced = std::getenv("ODORDIFF_CPU");
    return choose_cpu_path(forced == nullptr ? "" : forced, detect_cpu());
  }();
  return path;
}

const char* to_string(CpuPath path) {
  switch (path) {
    case CpuPath::Baseline:
      return "baseline";
    case CpuPath::Avx2:
      return "avx2";
    case CpuPath::Avx512:
      return "avx512";
  }
  return "?";
}

std::string cpu_description() {
  std::string text;
  switch (cpu_path()) {
    case CpuPath::Baseline:
      text = "baseline";
      break;
    case CpuPath::Avx2:
      text = "avx2+fma";
      break;
    case CpuPath::Avx512:
      text = "avx512";
      if (detect_cpu().avx512_vnni) text += "+vnni";
      break;
  }
  return text;
}

const char* backend_name(CpuPath path) {
  return path == CpuPath::Baseline ? "cpu-baseline" : "cpu-fma";
}

}  // namespace odordiff::nn
