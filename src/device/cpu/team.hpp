#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace furiosa::device::cpu {

/// The threads that work on one inference together: the calling one and helpers.
///
/// Work is cut into more parts than there are threads. Each thread begins with its own share, which is the same of
/// every job: what it wrote in one is in its cache when it reads it in the next. When it is done with that, it takes
/// what is left of the others'. So a helper that the system has not woken yet, or lets wait, holds nobody up but for
/// the part that it has: on a machine that does other things as well that is the difference to OpenMP, whose threads
/// all have to arrive.
class Team
{
public:
    explicit Team(int threads);
    ~Team();

    int size() const noexcept { return static_cast<int>(helpers_.size()) + 1; }

    /// Calls `work(part, worker)` for every part, and returns when all are done. `worker` is below size(),
    /// and no two parts have the same at one time. `work` must not throw. For one caller at a time.
    template <class Work>
    void run(int parts, const Work& work)
    {
        if (helpers_.empty() || parts == 1) {
            for (int part = 0; part != parts; ++part)
                work(part, 0);
            return;
        }
        distribute(parts, &work, [](const void* what, int part, int worker) {
            (*static_cast<const Work*>(what))(part, worker);
        });
    }

private:
    using Function = void (*)(const void*, int, int);

    /// Parts that one thread begins with.
    struct alignas(64) Share
    {
        std::atomic<int> next = 0;
        int end = 0;
    };

    void stop() noexcept;
    void distribute(int parts, const void* work, Function function);
    void take_parts(int worker);
    void take_share(Share& share, int worker);
    void help(int worker);

    // Of the job that is open. Only changed while no helper is active.
    const void* work_ = nullptr;
    Function function_ = nullptr;
    std::unique_ptr<Share[]> shares_; // of each thread
    alignas(64) std::atomic<bool> open_ = false;
    std::atomic<int> active_ = 0; // helpers that may look at the job
    alignas(64) std::atomic<std::uint32_t> jobs_ = 0;
    std::atomic<int> sleeping_ = 0;
    std::atomic<bool> stopping_ = false;
    std::vector<std::jthread> helpers_;
};

/// Parts for a team: some more than threads.
inline int parts_for(const Team& team)
{
    constexpr int each = 4;
    return team.size() == 1 ? 1 : team.size() * each;
}

} // namespace furiosa::device::cpu
