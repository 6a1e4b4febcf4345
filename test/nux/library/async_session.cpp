#include "nux/library/async_session.hpp"

#include "nux/library/code.hpp"

#include <utility>

namespace furiosa::test::nux {

AsyncSession::AsyncSession(std::span<const std::byte> model, const Options& options,
                           std::shared_ptr<CompletionQueue> queue)
    : session_(model, options, options.worker_num), queue_(std::move(queue)), limit_(options.input_queue_size),
      working_(options.worker_num)
{
    try {
        for (std::size_t i = 0; i != options.worker_num; ++i)
            threads_.emplace_back([this, i] { work(i); });
    } catch (...) {
        end(); // else those that are there would be waited for in vain
        throw;
    }
}

void AsyncSession::submit(void* context, std::shared_ptr<TensorArray> inputs)
{
    session_.check_inputs(*inputs);
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return session_.has_ended() || tasks_.size() < limit_; });
    if (session_.has_ended())
        throw Failure{session_terminated};
    tasks_.push_back({context, std::move(inputs)});
    filled_.notify_one();
}

void AsyncSession::end()
{
    session_.end();
    queue_->lift_limit();
    std::lock_guard lock(mutex_);
    filled_.notify_all();
    room_.notify_all();
}

void AsyncSession::fall_silent()
{
    {
        std::lock_guard lock(mutex_);
        silent_ = true;
    }
    end();
}

void AsyncSession::close()
{
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
    }
    end();
    std::call_once(joined_, [this] {
        threads_.clear();
        session_.close();
    });
}

bool AsyncSession::is_silent()
{
    std::lock_guard lock(mutex_);
    return silent_;
}

void AsyncSession::work(std::size_t worker)
{
    while (auto task = next_task())
        if (auto completion = run(worker, *task); !is_silent())
            queue_->push(std::move(completion));
    if (--working_ == 0)
        queue_->finish();
}

/// Nothing when the session has ended and nobody waits for a run any more.
std::optional<AsyncSession::Task> AsyncSession::next_task()
{
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return silent_ ? closed_ : session_.has_ended() || !tasks_.empty(); });
    if (silent_ || tasks_.empty())
        return std::nullopt;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    room_.notify_one();
    return task;
}

/// The inputs are gone when it returns.
Completion AsyncSession::run(std::size_t worker, Task& task)
try {
    const auto inputs = std::exchange(task.inputs, nullptr);
    if (session_.has_ended())
        return {task.context, session_terminated, nullptr};
    auto outputs = std::make_shared<TensorArray>(session_.model(), Direction::outputs);
    const int code = session_.run(worker, *inputs, *outputs);
    if (code != success)
        outputs.reset();
    return {task.context, code, std::move(outputs)};
} catch (...) {
    return {task.context, internal, nullptr};
}

} // namespace furiosa::test::nux
