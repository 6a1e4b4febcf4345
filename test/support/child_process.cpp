#include "support/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/close_range.h>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace furiosa::test {

namespace {

/// "NAME=value" for all of the test's variables and those of the command.
std::vector<std::string> environment_of(const Command& command)
{
    std::vector<std::string> variables;
    for (char** at = environ; *at; ++at) {
        const std::string_view variable = *at;
        const auto name = variable.substr(0, variable.find('='));
        if (std::ranges::none_of(command.environment, [&](const auto& own) { return own.first == name; }))
            variables.emplace_back(variable);
    }
    for (const auto& [name, value] : command.environment)
        variables.push_back(name + "=" + value);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// Behind fork(): only what is safe in a child of a process with threads.
[[noreturn]] void become(char** arguments, char** environment, const char* output, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that is killed leaves no server behind
    if (::getppid() != parent)
        ::_exit(126);
    const int out = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int in = ::open("/dev/null", O_RDONLY);
    if (out < 0 || in < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0)
        ::_exit(126);
    // A socket of the test that lived on here would keep its peer from seeing the end of the connection.
    ::close_range(3, UINT_MAX, 0);
    ::execvpe(arguments[0], arguments, environment);
    ::_exit(127);
}

} // namespace

ChildProcess::ChildProcess(const Command& command)
{
    auto arguments = command.arguments;
    auto variables = environment_of(command);
    const auto argument_pointers = pointers_to(arguments);
    const auto variable_pointers = pointers_to(variables);
    const auto output = command.output.empty() ? std::string("/dev/null") : command.output.native();
    const auto parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0)
        become(const_cast<char**>(argument_pointers.data()), const_cast<char**>(variable_pointers.data()),
               output.c_str(), parent);
    descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), descriptor_(std::exchange(other.descriptor_, -1)), ending_(other.ending_)
{
}

ChildProcess::~ChildProcess()
{
    if (pid_ > 0 && !ending_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

void ChildProcess::send(int signal) const
{
    if (!ending_)
        ::kill(pid_, signal);
}

std::optional<Ending> ChildProcess::wait(std::chrono::milliseconds time)
{
    if (ending_)
        return ending_;
    const auto end = std::chrono::steady_clock::now() + time;
    pollfd ended{descriptor_, POLLIN, 0};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        const int ready = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return std::nullopt;
        break;
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ending_.emplace();
    if (WIFEXITED(status))
        ending_->exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        ending_->signal = WTERMSIG(status);
    return ending_;
}

bool has_program(const std::string& name)
{
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder + "/" + name).c_str(), X_OK) == 0)
            return true;
    return false;
}

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf(); // in blocks, which a sanitizer does not slow down
    return std::move(text).str();
}

} // namespace furiosa::test
