// Ctrl-C and `kill`: the first signal asks the running command to stop cleanly, the second ends the program
// at once.
#pragma once

#include <atomic>

namespace odordiff::apps {

// Installs handlers for SIGINT and SIGTERM and ignores SIGPIPE, so that writes report a closed pipe instead.
void install_signal_handlers();

// True from the first SIGINT or SIGTERM on. The flag is process-wide because signals are.
const std::atomic<bool>& interrupted();

// Throws Cancelled when interrupted() is set.
void throw_if_interrupted();

// The signal that came first; 0 when none did.
int interrupting_signal();

}  // namespace odordiff::apps
