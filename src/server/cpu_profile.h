// Where the process spends its time, sampled while it works.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace odordiff::server {

// Samples all threads for `duration`, or until `ended` says so, and returns the profile in the format that
// `pprof` reads. One at a time: throws Overloaded while another is taken, Unavailable where there is no room
// for its temporary file.
std::string cpu_profile(std::chrono::milliseconds duration, const std::function<bool()>& ended);

}  // namespace odordiff::server
