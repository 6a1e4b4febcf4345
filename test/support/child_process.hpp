#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace furiosa::test {

/// What to run, and with what.
struct Command
{
    std::vector<std::string> arguments; ///< the first one is the program, found in $PATH
    std::vector<std::pair<std::string, std::string>> environment; ///< in addition to that of the test
    std::filesystem::path output;       ///< gets what it says, on both streams
};

/// How a process ended.
struct Ending
{
    int exit_code = -1; ///< -1: it did not exit
    int signal = 0;     ///< what killed it, or 0
};

/// A process that has ended, and is reaped, when this object goes, whatever becomes of the test.
class ChildProcess
{
public:
    /// Throws std::system_error when no process can be made. A program that is not there exits with 127.
    explicit ChildProcess(const Command& command);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess();

    void send(int signal) const;
    /// Nothing if it is still running after that time.
    std::optional<Ending> wait(std::chrono::milliseconds time);
    bool is_running() { return !wait(std::chrono::milliseconds(0)); }

private:
    pid_t pid_ = -1;
    int descriptor_ = -1; // becomes readable when it ends
    std::optional<Ending> ending_;
};

/// Is there such a program in $PATH?
bool has_program(const std::string& name);

std::string text_of(const std::filesystem::path& file);

} // namespace furiosa::test
