// A progress bar on stderr with rate and time left; silent where stderr is not a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace odordiff::apps {

// " 37/60 [======    ] 62%  4.1/s  6 s left", at most `width` columns.
std::string progress_line(std::size_t done, std::size_t total, double rate_per_s, int width);

class Progress {
 public:
  // `already` of `total` were done before; they do not count for the rate.
  Progress(std::size_t total, std::size_t already, bool enabled);
  // Removes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws, ten times a second at most.
  void update(std::size_t done);

 private:
  std::size_t total_, already_;
  bool enabled_;
  std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace odordiff::apps
