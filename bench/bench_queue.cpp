// The device queue with nothing to do: what asking a device costs, against asio::post to a thread_pool and back.
//
// One thread runs the loop. The driver completes each run from a thread of its own as soon as it gets it. Allocations
// are counted by replacing operator new; a run in the steady state must make none.

#include "statistics.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/device/device_queue.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

namespace {

std::atomic<std::size_t> allocations = 0;

} // namespace

void* operator new(std::size_t size)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

namespace asio = boost::asio;
using namespace furiosa;

/// Completes every run at once, from its own thread.
class EmptyDriver final : public device::Driver
{
public:
    EmptyDriver() : thread_([this] { complete_runs(); }) {}
    ~EmptyDriver() override
    {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
    }

    std::string target() const override { return "empty"; }
    std::size_t capacity() const noexcept override { return 64; }
    std::unique_ptr<device::Executable> load(const program::Program&) override
    {
        return std::make_unique<device::Executable>();
    }
    void start(device::Run& run) noexcept override
    {
        run.next = nullptr;
        bool sleeping;
        {
            std::lock_guard lock(mutex_);
            (last_ ? last_->next : first_) = &run;
            last_ = &run;
            sleeping = sleeping_;
        }
        if (sleeping)
            wake_.notify_one();
    }

private:
    /// All that has come; null when the driver ends.
    device::Run* take()
    {
        std::unique_lock lock(mutex_);
        sleeping_ = true;
        wake_.wait(lock, [this] { return first_ || stopping_; });
        sleeping_ = false;
        last_ = nullptr;
        return std::exchange(first_, nullptr);
    }

    void complete_runs()
    {
        while (auto* run = take())
            while (run) {
                auto* const next = run->next;
                run->complete(nullptr);
                run = next;
            }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    device::Run* first_ = nullptr;
    device::Run* last_ = nullptr;
    bool sleeping_ = false;
    bool stopping_ = false;
    std::jthread thread_;
};

program::Program empty_program()
{
    program::ProgramContent content;
    content.target = "empty";
    return program::Program::open(program::serialize(content));
}

struct Result
{
    double per_second;
    double allocations_per_run;
};

/// Keeps `in_flight` operations going until `count` are done; `start(handler)` begins one.
template <class Start>
Result keep_in_flight(asio::io_context& loop, std::size_t in_flight, std::size_t count, Start start)
{
    struct Chain
    {
        Start& start;
        std::size_t& left;
        void operator()() const
        {
            if (left == 0)
                return;
            --left;
            start(*this);
        }
        void operator()(std::exception_ptr) const { (*this)(); }
    };
    std::size_t left = count;
    const auto allocated = allocations.load();
    const auto took = bench::time_of([&] {
        for (std::size_t i = 0; i != in_flight; ++i)
            Chain{start, left}();
        loop.restart();
        loop.run();
    });
    return {static_cast<double>(count) / took * 1e6,
            static_cast<double>(allocations.load() - allocated) / static_cast<double>(count)};
}

Result median_of(std::vector<Result> results)
{
    std::ranges::sort(results, {}, &Result::per_second);
    return results[results.size() / 2];
}

void compare(asio::io_context& loop, device::DeviceQueue& queue, const device::LoadedProgram& program, std::size_t in_flight,
             std::size_t count)
{
    asio::thread_pool pool(1);
    auto submit = [&](auto next) { queue.async_submit(program, {}, {}, next); };
    auto post_there_and_back = [&](auto next) {
        asio::post(pool, [&loop, next, work = asio::make_work_guard(loop)] { asio::post(loop, next); });
    };
    keep_in_flight(loop, in_flight, count / 4, submit);
    keep_in_flight(loop, in_flight, count / 4, post_there_and_back);
    std::vector<Result> ours;
    std::vector<Result> peer;
    for (int round = 0; round != 5; ++round) {
        ours.push_back(keep_in_flight(loop, in_flight, count, submit));
        peer.push_back(keep_in_flight(loop, in_flight, count, post_there_and_back));
    }
    const auto a = median_of(ours);
    const auto b = median_of(peer);
    fmt::print("queue, {:2} in flight: {:9.0f} runs/s ({:.2f} us each), {:.4f} allocations per run; post to a thread_pool and "
               "back {:9.0f}/s; {:.2f} x\n",
               in_flight, a.per_second, 1e6 / a.per_second, a.allocations_per_run, b.per_second, a.per_second / b.per_second);
}

asio::awaitable<void> submit_in_a_coroutine(device::DeviceQueue& queue, const device::LoadedProgram& program, std::size_t count)
{
    for (std::size_t i = 0; i != count; ++i)
        co_await queue.async_submit(program, {}, {}, asio::use_awaitable);
}

void measure_coroutines(asio::io_context& loop, device::DeviceQueue& queue, const device::LoadedProgram& program,
                        std::size_t in_flight, std::size_t count)
{
    std::size_t allocated = 0;
    double took = 0;
    for (int round = 0; round != 2; ++round) { // the first warms up
        allocated = allocations.load();
        took = bench::time_of([&] {
            for (std::size_t i = 0; i != in_flight; ++i)
                asio::co_spawn(loop, submit_in_a_coroutine(queue, program, count / in_flight), [](std::exception_ptr) {});
            loop.restart();
            loop.run();
        });
        allocated = allocations.load() - allocated;
    }
    fmt::print("queue, {:2} coroutines: {:9.0f} runs/s, {:.4f} allocations per run\n", in_flight,
               static_cast<double>(count) / took * 1e6, static_cast<double>(allocated) / static_cast<double>(count));
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t count = argc > 1 ? std::stoul(argv[1]) : 300'000;
    Context context(1);
    asio::io_context loop(1);
    const auto device = std::make_shared<device::Device>(context, "empty", std::make_unique<EmptyDriver>());
    device::DeviceQueue queue(loop.get_executor(), device);
    const auto program =
        queue.async_load(empty_program(), asio::bind_executor(context.io_executor(), asio::use_future)).get();
    compare(loop, queue, program, 1, count / 10);
    compare(loop, queue, program, 64, count);
    measure_coroutines(loop, queue, program, 64, count);
    fmt::print("queue: the goal is 300000 runs/s with 64 in flight, and no allocation per run\n");
}
