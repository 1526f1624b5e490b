// Holds a fork() back until no thread is in the middle of something.
//
// A fork copies one thread and every lock as it stands: what another thread holds at that moment (a lock of a
// library, a static that is being made) is never released in the child, which then hangs where it needs it.
// So threads that compute say so with AtWork, and a fork waits for the moment when none is at work, as new
// ones wait for the fork: milliseconds for a step of the sampler, seconds where routes are searched for.
#pragma once

namespace odordiff {

// While one lives on some other thread no fork happens; while a fork is waiting or at work the constructor
// waits. May be nested. Threads that the owner waits for are covered by it and need none of their own.
class AtWork {
 public:
  AtWork();
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  ~AtWork();
};

// Within AtWork: the thread waits for others that are at work on their own, and holds no fork back meanwhile.
// REQUIRES: it outlives each lock that is taken meanwhile, since its end may wait for a fork.
class Resting {
 public:
  Resting();
  Resting(const Resting&) = delete;
  Resting& operator=(const Resting&) = delete;
  ~Resting();

 private:
  int depth_;
};

}  // namespace odordiff
