#include <furiosa/core/context.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/loop_guard.hpp>
#include <furiosa/core/run_until_complete.hpp>

#include <algorithm>
#include <future>
#include <openssl/crypto.h>
#include <pthread.h>
#include <ranges>
#include <unistd.h>

namespace furiosa {

namespace {

thread_local bool this_thread_runs_loop = false;

/// Hashing, and compiling by this library, stand back behind the threads that answer, ours and the user's. Without
/// competition for the processors it changes nothing.
void stand_back()
{
    [[maybe_unused]] const int now = ::nice(10); // on Linux of this thread alone
}

void run_loop(boost::asio::io_context& loop, const char* thread_name)
{
    pthread_setname_np(pthread_self(), thread_name);
    detail::LoopGuard guard;
    loop.run();
}

} // namespace

namespace detail {

LoopGuard::LoopGuard() noexcept : outer_(std::exchange(this_thread_runs_loop, true)) {}

LoopGuard::~LoopGuard()
{
    this_thread_runs_loop = outer_;
}

bool LoopGuard::thread_runs_loop() noexcept
{
    return this_thread_runs_loop;
}

void LoopGuard::require_none()
{
    if (this_thread_runs_loop)
        throw_error(errc::would_deadlock,
                    "run_until_complete (or a function of furiosa::blocking) was called from a thread that already "
                    "runs an event loop of furiosa and would wait for itself: co_await the operation instead");
}

void throw_loop_is_running()
{
    throw_error(errc::would_deadlock,
                "run_until_complete was called from a handler of the very io_context that it was to run: co_await "
                "the operation, or give it to asio::co_spawn");
}

void throw_loop_was_stopped()
{
    throw_error(errc::cancelled, "the io_context was stopped before the operation given to run_until_complete ended");
}

} // namespace detail

Context::Context(unsigned worker_threads)
    : workers_(worker_threads ? worker_threads : std::max(2u, std::thread::hardware_concurrency()))
{
    if (worker_threads == 0)
        worker_threads = std::max(2u, std::thread::hardware_concurrency());
    try {
        threads_.reserve(worker_threads + 1);
        threads_.emplace_back([this] { run_loop(io_, "furiosa-io"); });
        for (unsigned i = 0; i != worker_threads; ++i)
            threads_.emplace_back([this] {
                stand_back();
                run_loop(workers_, "furiosa-worker");
            });
    } catch (const std::exception& error) {
        io_work_.reset(); // else those that have started would be waited for in vain
        workers_work_.reset();
        throw_error(errc::out_of_memory, "the threads of a Context could not be started: {}", error.what());
    }
}

Context::~Context()
{
    std::promise<void> shut_down;
    boost::asio::post(io_, [&] {
        std::lock_guard lock(services_mutex_);
        for (auto& entry : services_ | std::views::reverse)
            entry.service->shutdown();
        shut_down.set_value();
    });
    shut_down.get_future().wait();
    io_work_.reset();
    threads_.front().join(); // everything under way has completed, and needs no worker any more
    workers_work_.reset();
    threads_.clear();
    while (!services_.empty())
        services_.pop_back();
}

std::jthread Context::start_thread(std::function<void()> body)
{
    try {
        return starter_.start(std::move(body));
    } catch (const std::exception& error) {
        throw_error(errc::out_of_memory, "a thread could not be started: {}", error.what());
    }
}

Context& Context::shared()
{
    // OpenSSL first, so that at exit it is still there when the services that use it go.
    OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_DIGESTS, nullptr);
    static Context context;
    return context;
}

Context::Service* Context::find(std::type_index type) noexcept
{
    const auto entry = std::ranges::find(services_, type, &Entry::type);
    return entry == services_.end() ? nullptr : entry->service.get();
}

void Context::require_absent(std::type_index type)
{
    if (find(type))
        throw_error(errc::invalid_argument,
                    "the context has a service {} already: give it options before its first use", type.name());
}

} // namespace furiosa
