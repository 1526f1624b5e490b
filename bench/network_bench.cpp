// Our side of onnxruntime_bench.py, which starts this program in turn with ONNX Runtime:
//   network_bench MODEL_FOLDER dump COUNT FILE   the work of a request for COUNT samples: FILE.json, and our
//   logits of every
//                                                pass as FILE.f32
//   network_bench MODEL_FOLDER time PRECISION THREADS ROUNDS COUNT...   a JSON line of seconds for each
//   COUNT: the request,
//                                                and one pass of COUNT sequences without and with a finished
//                                                block
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "network_work.h"

namespace {

using namespace odordiff;  // a program, not a header

void dump(const std::string& folder, int count, const std::string& file) {
  const auto work = bench::make_network_work(folder, count);
  bench::Ours ours(folder, nn::Precision::F32, 1);
  nlohmann::json json = {{"condition", work.request.condition},
                         {"unconditional", work.request.unconditional}};
  json["sequences"] = work.sequences;
  for (const auto& p : bench::passes(work, ours.model().config().block)) {
    json["passes"].push_back({{"position", p.position},
                              {"block_start", p.block_start},
                              {"sequences", p.sequences},
                              {"with_finished", p.with_finished}});
  }
  std::ofstream(file + ".json") << json;
  std::ofstream raw(file + ".f32", std::ios::binary);
  for (const auto& logits : ours.logits(work)) {
    raw.write(reinterpret_cast<const char*>(logits.data()),
              static_cast<std::streamsize>(logits.size() * sizeof(float)));
  }
}

void time(const std::string& folder, nn::Precision precision, int threads, int rounds, int count) {
  bench::Ours ours(folder, precision, threads);
  const auto work = bench::make_network_work(folder, count);
  const int repeats = std::max(1, 32 / count);
  const auto t = bench::in_turn(3, rounds, threads, [&](int which) {
    if (which == 0) return ours.generate(work);
    for (int k = 0; k < repeats; ++k) ours.step(work, count, which == 2);
  });
  std::printf("%s\n", nlohmann::json({{"count", count},
                                      {"generate", t[0]},
                                      {"step", t[1] / repeats},
                                      {"step_with_finished", t[2] / repeats},
                                      {"weight_bytes", ours.model().weight_bytes()}})
                          .dump()
                          .c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[2] : "";
  if (what == "dump" && argc == 5) {
    dump(argv[1], std::atoi(argv[3]), argv[4]);
  } else if (what == "time" && argc > 6) {
    for (int i = 6; i < argc; ++i) {
      time(argv[1], nn::parse_precision(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]), std::atoi(argv[i]));
    }
  } else {
    std::fprintf(
        stderr,
        "usage: network_bench MODEL_FOLDER (dump COUNT FILE | time PRECISION THREADS ROUNDS COUNT...)\n");
    return 2;
  }
  return 0;
}
