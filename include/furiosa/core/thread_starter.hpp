#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace furiosa::detail {

/// Starts threads on behalf of others. They inherit the niceness of the thread that made this, not that of the caller,
/// which on Linux belongs to each thread, and can be raised, but not lowered again.
class ThreadStarter
{
public:
    ThreadStarter();
    ThreadStarter(const ThreadStarter&) = delete;
    ThreadStarter& operator=(const ThreadStarter&) = delete;
    ~ThreadStarter();

    /// Thread-safe. Throws std::system_error.
    std::jthread start(std::function<void()> body);

private:
    struct Request
    {
        std::function<void()> body;
        std::promise<std::jthread> started;
    };

    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Request> requests_;
    bool stopping_ = false;
    std::jthread thread_;
};

} // namespace furiosa::detail
