// What the program's exit status says; documented in docs/cli.md, the help footer and the man page.
#pragma once

namespace odordiff::apps {

enum class ExitCode : int {
  Ok = 0,
  InternalError = 1,
  BadInput = 2,
  Unavailable = 3,
  FewerThanAsked = 4,
  Interrupted = 130,  // 128 + SIGINT
  ClosedPipe = 141,   // 128 + SIGPIPE
  Terminated = 143,   // 128 + SIGTERM
};

// Thrown by a command that has printed all it has to say and ends with another status than 0.
struct Exit {
  ExitCode code;
};

}  // namespace odordiff::apps
