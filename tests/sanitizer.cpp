// What ThreadSanitizer cannot see: libstdc++ counts who holds an exception in code that is not instrumented,
// so that the last holder's freeing it looks like a race with an earlier reader.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:std::__exception_ptr\nrace:std::runtime_error::~runtime_error\n";
}
