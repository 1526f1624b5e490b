// Fills the descriptors 0 to 2 where whoever started the program had closed them.
//
// A descriptor that nobody opened is given to the first file that is opened next: what is meant for a
// terminal would land in a database. Libraries open pipes before main() begins, so this comes before them,
// from the list of functions that the loader calls first; by system calls alone, since nothing else is ready
// then.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// Reading finds the end. Writing to 1 fails, so that lost output is told by the exit code.
void fill_standard_descriptors(int /*argc*/, char** /*argv*/, char** /*environment*/) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::syscall(SYS_fcntl, fd, F_GETFD) != -1) continue;
    const int mode = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    (void)::syscall(SYS_openat, AT_FDCWD, "/dev/null", mode);  // the lowest that is free: fd
  }
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const kFirst)(int, char**,
                                                                   char**) = fill_standard_descriptors;

}  // namespace
