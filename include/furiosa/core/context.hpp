#pragma once

#include <furiosa/core/post_gate.hpp>
#include <furiosa/core/thread_starter.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

namespace furiosa {

/// What calls share: one thread for sockets and timers, a small pool of workers for everything that blocks or
/// computes, and one service of each kind (the HTTP client, the store, the devices).
///
/// Lifetime
///   `Context::shared()` is made on first use and serves every call that is given no other. A Context must outlive
///   the objects made with it. Its destructor shuts the services down, which completes all that is under way with
///   errc::cancelled, and runs on devices with errc::queue_closed, waits for its threads and then destroys the services, last made first. The execution
///   context of a completion handler must outlive the operation.
/// Thread safety
///   Every member may be called from any thread.
class Context
{
public:
    /// Something that a Context holds one of. A service is constructible from `Context&` and further arguments.
    class Service
    {
    public:
        virtual ~Service() = default;
        /// Ends all that is under way. Runs on the I/O thread, before the threads are joined.
        virtual void shutdown() noexcept {}
    };

    /// 0 workers: one for each processor, at least two. Throws errc::out_of_memory.
    explicit Context(unsigned worker_threads = 0);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();

    static Context& shared();

    /// Where this library's own coroutines, sockets and timers live: a single thread, so an implicit strand.
    boost::asio::any_io_executor io_executor() { return io_.get_executor(); }

    /// Where blocking and computing work goes.
    boost::asio::any_io_executor workers() { return workers_.get_executor(); }

    /// The service of type S; made as `S(context)` if there is none yet.
    template <std::derived_from<Service> S>
    S& use()
    {
        std::lock_guard lock(services_mutex_);
        if (Service* found = find(typeid(S)))
            return static_cast<S&>(*found);
        return add(std::make_unique<S>(*this));
    }

    /// Makes the service of type S with options of one's own: `context.emplace<Store>(options)`.
    /// Throws errc::invalid_argument if there is one already.
    template <std::derived_from<Service> S, class... Args>
    S& emplace(Args&&... args)
    {
        std::lock_guard lock(services_mutex_);
        require_absent(typeid(S));
        return add(std::make_unique<S>(*this, std::forward<Args>(args)...));
    }

    /// Runs `function()` on a worker and resumes the awaiting coroutine on its own executor with the result.
    /// Exceptions come through. Once started it is not interrupted: cancellation has no effect.
    template <std::invocable F>
    boost::asio::awaitable<std::invoke_result_t<F>> offload(F function);

    /// A thread for work that somebody waits for. Workers stand back behind the threads of the user (nice 10), and what
    /// they start would, too; this one, and what it starts, does not. Not for the I/O thread. Throws errc::out_of_memory.
    std::jthread start_thread(std::function<void()> body);

    /// Runs `function()` on such a thread, and returns, or throws, what it does. Blocks, so for a worker.
    template <std::invocable F>
    std::invoke_result_t<F> run_in_front(F function)
    {
        std::packaged_task<std::invoke_result_t<F>()> task(std::move(function));
        start_thread(std::ref(task)).join();
        return task.get_future().get();
    }

private:
    struct Entry
    {
        std::type_index type;
        std::unique_ptr<Service> service;
    };

    Service* find(std::type_index type) noexcept;
    void require_absent(std::type_index type);

    template <class S>
    S& add(std::unique_ptr<S> service)
    {
        S& added = *service;
        services_.push_back({typeid(S), std::move(service)});
        return added;
    }

    boost::asio::io_context io_{1};
    boost::asio::io_context workers_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> io_work_{io_.get_executor()};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> workers_work_{
        workers_.get_executor()};
    std::recursive_mutex services_mutex_; // a service's constructor may use other services
    std::vector<Entry> services_;
    detail::ThreadStarter starter_;
    std::vector<std::jthread> threads_;
};

namespace detail {

/// Calls `function` for its result or exception and hands either to `deliver(exception, result…)`.
template <class F, class Deliver>
void call_and_deliver(F& function, Deliver deliver)
{
    using Result = std::invoke_result_t<F>;
    std::exception_ptr exception;
    if constexpr (std::is_void_v<Result>) {
        try {
            function();
        } catch (...) {
            exception = std::current_exception();
        }
        deliver(exception);
    } else {
        std::optional<Result> result;
        try {
            result.emplace(function());
        } catch (...) {
            exception = std::current_exception();
        }
        deliver(exception, std::move(result));
    }
}

template <class T>
struct OffloadSignature
{
    using type = void(std::exception_ptr, std::optional<T>);
};
template <>
struct OffloadSignature<void>
{
    using type = void(std::exception_ptr);
};

} // namespace detail

template <std::invocable F>
boost::asio::awaitable<std::invoke_result_t<F>> Context::offload(F function)
{
    namespace asio = boost::asio;
    using Result = std::invoke_result_t<F>;
    auto initiate = [this, &function]<class Handler>(Handler handler) {
        auto back = asio::get_associated_executor(handler);
        asio::post(workers_, [&function, handler = std::move(handler),
                              work = asio::make_work_guard(back)]() mutable {
            detail::call_and_deliver(function, [&](std::exception_ptr exception, auto... result) {
                const auto executor = work.get_executor();
                detail::post_from_outside(executor, [handler = std::move(handler), work = std::move(work), exception,
                                                     ... result = std::move(result)]() mutable {
                    std::move(handler)(exception, std::move(result)...);
                });
            });
        });
    };
    using Signature = typename detail::OffloadSignature<Result>::type;
    if constexpr (std::is_void_v<Result>) {
        co_await asio::async_initiate<const asio::use_awaitable_t<>, Signature>(initiate, asio::use_awaitable);
    } else {
        auto result = co_await asio::async_initiate<const asio::use_awaitable_t<>, Signature>(initiate, asio::use_awaitable);
        co_return std::move(*result);
    }
}

} // namespace furiosa
