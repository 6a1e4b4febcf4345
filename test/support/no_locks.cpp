// Preloaded into a process, makes its file locks do what they do on some network file systems: nothing, with success.

#include <cstdarg>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace {

/// Locks succeed; all else goes to the function of that name that would have been called.
int pass_on(const char* name, int descriptor, int command, void* argument)
{
    if (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW)
        return 0;
    const auto next = reinterpret_cast<int (*)(int, int, void*)>(::dlsym(RTLD_NEXT, name));
    return next(descriptor, command, argument);
}

} // namespace

extern "C" {

int flock(int, int) noexcept
{
    return 0;
}

int lockf(int, int, off_t)
{
    return 0;
}

int fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    return pass_on("fcntl", descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    return pass_on("fcntl64", descriptor, command, argument);
}
}
