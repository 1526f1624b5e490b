// Which of the kernel families this process runs: the best that the CPU has, or a lower one that the user
// forces with ODORDIFF_CPU=baseline|avx2|avx512.
#pragma once

#include <string>

namespace odordiff::nn {

enum class CpuPath { Baseline, Avx2, Avx512 };

struct CpuFeatures {
  bool avx2_fma = false;
  bool avx512 = false;  // F, BW, VL, DQ
  bool avx512_vnni = false;
};

// What the hardware and the operating system offer.
CpuFeatures detect_cpu();

// `forced` as in ODORDIFF_CPU, empty for the best. Throws InvalidInput for a word it does not know and for a
// path that the CPU does not have.
CpuPath choose_cpu_path(const std::string& forced, const CpuFeatures& features);

// The choice for this process, made once from the environment.
CpuPath cpu_path();
const char* to_string(CpuPath path);
// Of the paths whose results have the same bits: "cpu-fma" for AVX2 and AVX-512, "cpu-baseline".
const char* backend_name(CpuPath path);

}  // namespace odordiff::nn
