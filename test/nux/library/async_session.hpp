#pragma once

#include "nux/library/completion_queue.hpp"
#include "nux/library/session.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace furiosa::test::nux {

/// A session with threads of its own, between a queue of inputs and one of completions.
class AsyncSession
{
public:
    /// Throws Failure with the code that the creation is to give.
    AsyncSession(std::span<const std::byte> model, const Options& options, std::shared_ptr<CompletionQueue> queue);
    AsyncSession(const AsyncSession&) = delete;
    AsyncSession& operator=(const AsyncSession&) = delete;
    ~AsyncSession() { close(); }

    Session& session() noexcept { return session_; }

    /// Blocks while the queue of inputs is full. Throws invalid_inputs, session_terminated.
    void submit(void* context, std::shared_ptr<TensorArray> inputs);
    /// All runs that are not done come back with session_terminated; then the completion queue ends. Does not block.
    void end();
    /// No run is done any more, and none answered but those that just are; the completion queue stays open until it is
    /// closed.
    void fall_silent();
    /// Ends it, and waits for its threads. Then the devices are free.
    void close();

private:
    struct Task
    {
        void* context;
        std::shared_ptr<TensorArray> inputs;
    };

    void work(std::size_t worker);
    std::optional<Task> next_task();
    Completion run(std::size_t worker, Task& task);
    bool is_silent();

    Session session_;
    const std::shared_ptr<CompletionQueue> queue_;
    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::condition_variable room_;
    std::deque<Task> tasks_;
    std::atomic<std::size_t> working_;
    std::vector<std::jthread> threads_;
    bool silent_ = false;
    bool closed_ = false;
    std::once_flag joined_;
};

} // namespace furiosa::test::nux
