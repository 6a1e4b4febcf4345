#pragma once

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>

namespace furiosa::detail {

/// Lets an execution context wait, before it goes, for threads that are still inside a post to it.
///
/// A post of Asio puts the function into the queue first and signals afterwards. When the function is the last one of
/// a loop, the loop may run it, end and be destroyed before the posting thread has signalled. Asio's own threads are
/// joined by their services; ours say with this service when they are through.
class PostGate final : public boost::asio::execution_context::service
{
public:
    using key_type = PostGate;

    explicit PostGate(boost::asio::execution_context& context) : service(context) {}

    /// The gate of the context that an executor belongs to; the context must be alive.
    template <class Executor>
    static PostGate& of(const Executor& executor)
    {
        boost::asio::execution_context& context = boost::asio::query(executor, boost::asio::execution::context);
        return boost::asio::use_service<PostGate>(context);
    }

    /// `post()` may make what keeps the context alive go away.
    template <class Post>
    void pass(Post post)
    {
        inside_.fetch_add(1, std::memory_order_relaxed);
        post();
        inside_.fetch_sub(1, std::memory_order_release);
    }

private:
    void shutdown() override
    {
        while (inside_.load(std::memory_order_acquire) != 0)
            std::this_thread::yield();
    }

    std::atomic<std::size_t> inside_ = 0;
};

/// boost::asio::post for threads that the executor's context does not know of.
template <class Executor, class Function>
void post_from_outside(const Executor& executor, Function&& function)
{
    PostGate::of(executor).pass([&] { boost::asio::post(executor, std::forward<Function>(function)); });
}

} // namespace furiosa::detail
