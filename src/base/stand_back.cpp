#include "base/stand_back.h"

#include <sys/resource.h>

namespace odordiff {

// Linux keeps a nice value for each thread (setpriority(2)) and weighs it 1.25 times a step (sched(7)).
void stand_back() {
  constexpr int kNice = 5;
  if (const int now = getpriority(PRIO_PROCESS, 0); now < kNice) (void)setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace odordiff
