// Processor time for those who have somebody waiting on the line.
#pragma once

namespace odordiff {

// From here on this thread, and each that it starts, gets about a third of the processor time of one that did
// not call it, where both want it. For long computation beside threads that answer at once.
void stand_back();

}  // namespace odordiff
