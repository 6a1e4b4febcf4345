#include "device/cpu/cpu_driver.hpp"

#include "device/cpu/loaded_executors.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/cpu/executor.hpp>

#include <chrono>
#include <fmt/format.h>
#include <pthread.h>

namespace furiosa::device::cpu {

namespace {

/// How long an element looks for work before it sleeps: about what waking a thread costs.
constexpr auto spin_time = std::chrono::microseconds(20);

void relax() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

} // namespace

CpuDriver::CpuDriver(std::vector<Element> elements) : elements_(std::move(elements))
{
    try {
        for (std::size_t i = 0; i != elements_.size(); ++i)
            threads_.emplace_back([this, i] { run_element(i); });
    } catch (const std::exception& error) {
        stop(); // else those that have started would be waited for in vain
        throw_error(errc::out_of_memory, "of {} threads of the CPU device, number {} could not be started: {}",
                    elements_.size(), threads_.size() + 1, error.what());
    }
}

CpuDriver::~CpuDriver()
{
    stop();
}

void CpuDriver::stop() noexcept
{
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
}

std::string CpuDriver::target() const
{
    return cpu::target();
}

std::size_t CpuDriver::capacity() const noexcept
{
    return 2 * elements_.size(); // one at work and one ready on each element
}

std::unique_ptr<Executable> CpuDriver::load(const program::Program& program)
{
    return std::make_unique<LoadedExecutors>(program, elements_);
}

void CpuDriver::start(Run& run) noexcept
{
    bool wake;
    {
        std::lock_guard lock(mutex_);
        run.next = nullptr;
        (last_ ? last_->next : first_) = &run;
        last_ = &run;
        waiting_.fetch_add(1, std::memory_order_relaxed);
        wake = sleeping_ != 0;
    }
    if (wake)
        wake_.notify_one();
}

/// Under the mutex.
Run* CpuDriver::pop()
{
    Run* const run = first_;
    if (run) {
        first_ = run->next;
        if (!first_)
            last_ = nullptr;
        waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    return run;
}

/// Null when the driver ends.
Run* CpuDriver::next_run()
{
    const auto give_up = std::chrono::steady_clock::now() + spin_time;
    while (waiting_.load(std::memory_order_relaxed) == 0 && std::chrono::steady_clock::now() < give_up)
        relax();

    std::unique_lock lock(mutex_);
    ++sleeping_;
    wake_.wait(lock, [this] { return first_ || stopping_; });
    --sleeping_;
    return pop();
}

void CpuDriver::run_element(std::size_t index)
{
    const StayOn stay(elements_[index].processors);
    pthread_setname_np(pthread_self(), fmt::format("furiosa-pe{}", index).c_str());
    while (Run* const run = next_run()) {
        std::exception_ptr failure;
        try {
            static_cast<LoadedExecutors&>(run->executable()).execute(index, run->inputs(), run->outputs());
        } catch (...) {
            failure = std::current_exception();
        }
        run->complete(failure);
    }
}

} // namespace furiosa::device::cpu
