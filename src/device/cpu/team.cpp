#include "device/cpu/team.hpp"

#include <algorithm>
#include <chrono>
#include <pthread.h>

/// Of the OpenMP runtime that oneDNN uses. Its header belongs to one compiler; the function does not.
extern "C" void omp_set_num_threads(int threads);

namespace furiosa::device::cpu {

namespace {

/// How long a helper looks for work before it sleeps: longer than from one operator to the next.
constexpr auto spin_time = std::chrono::microseconds(200);

void relax() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

int first_part(int parts, int worker, int workers)
{
    return static_cast<int>(static_cast<std::int64_t>(parts) * worker / workers);
}

} // namespace

Team::Team(int threads) : shares_(std::make_unique<Share[]>(static_cast<std::size_t>(std::max(threads, 1))))
{
    try {
        for (int worker = 1; worker < threads; ++worker)
            helpers_.emplace_back([this, worker] { help(worker); });
    } catch (...) {
        stop(); // else those that have started would be waited for in vain
        throw;
    }
}

Team::~Team()
{
    stop();
}

void Team::stop() noexcept
{
    stopping_ = true;
    ++jobs_;
    jobs_.notify_all();
}

void Team::distribute(int parts, const void* work, Function function)
{
    work_ = work;
    function_ = function;
    for (int worker = 0; worker != size(); ++worker) {
        auto& share = shares_[static_cast<std::size_t>(worker)];
        share.next.store(first_part(parts, worker, size()));
        share.end = first_part(parts, worker + 1, size());
    }
    open_.store(true);
    jobs_.fetch_add(1);
    if (sleeping_.load() != 0)
        jobs_.notify_all();
    take_parts(0);
    // A helper either sees that the job is closed, or is seen here: both sides write before they read.
    open_.store(false);
    while (active_.load() != 0)
        relax();
}

void Team::take_parts(int worker)
{
    for (int i = 0; i != size(); ++i)
        take_share(shares_[static_cast<std::size_t>((worker + i) % size())], worker);
}

void Team::take_share(Share& share, int worker)
{
    for (int part = share.next.fetch_add(1); part < share.end; part = share.next.fetch_add(1))
        function_(work_, part, worker);
}

void Team::help(int worker)
{
    pthread_setname_np(pthread_self(), "furiosa-helper");
    omp_set_num_threads(1); // what runs here is a part already
    std::uint32_t seen = 0;
    while (!stopping_) {
        const auto give_up = std::chrono::steady_clock::now() + spin_time;
        while (jobs_.load() == seen && std::chrono::steady_clock::now() < give_up)
            relax();
        if (jobs_.load() == seen) {
            ++sleeping_;
            jobs_.wait(seen);
            --sleeping_;
        }
        seen = jobs_.load();
        ++active_;
        if (open_.load())
            take_parts(worker);
        --active_;
    }
}

} // namespace furiosa::device::cpu
