#include <furiosa/core/thread_starter.hpp>

#include <furiosa/core/error.hpp>

#include <pthread.h>
#include <utility>

namespace furiosa::detail {

ThreadStarter::ThreadStarter()
try : thread_([this] { serve(); }) {
} catch (const std::exception& error) {
    throw_error(errc::out_of_memory, "the first thread of a Context could not be started: {}", error.what());
}

ThreadStarter::~ThreadStarter()
{
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

std::jthread ThreadStarter::start(std::function<void()> body)
{
    std::future<std::jthread> started;
    {
        std::lock_guard lock(mutex_);
        auto& request = requests_.emplace_back(std::move(body), std::promise<std::jthread>());
        started = request.started.get_future();
    }
    changed_.notify_all();
    return started.get();
}

void ThreadStarter::serve()
{
    pthread_setname_np(pthread_self(), "furiosa-starter");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
        if (requests_.empty())
            return;
        auto request = std::move(requests_.front());
        requests_.pop_front();
        lock.unlock();
        try {
            request.started.set_value(std::jthread(std::move(request.body)));
        } catch (...) {
            request.started.set_exception(std::current_exception());
        }
        lock.lock();
    }
}

} // namespace furiosa::detail
