#pragma once

#include <atomic>

// Of the OpenMP runtime that oneDNN uses. Its header, and the pragmas, belong to one compiler; the functions
// do not.
extern "C" void GOMP_parallel(void (*function)(void*), void* data, unsigned threads, unsigned flags);
extern "C" int omp_get_thread_num();
extern "C" int omp_get_num_threads();

namespace furiosa::device::cpu {

/// Calls `work(part, parts)` for every part, on at most `threads` threads: those that oneDNN uses as well.
/// There may be fewer parts than threads. `work` must not throw.
template <class Work>
void parallel(int threads, const Work& work)
{
    if (threads == 1)
        return work(0, 1);
    struct Team
    {
        const Work& work;
        std::atomic<int> fence = 0; // ThreadSanitizer does not see how the runtime orders its threads
    } team{work};
    team.fence.store(1, std::memory_order_release);
    GOMP_parallel(
        [](void* data) {
            auto& mine = *static_cast<Team*>(data);
            mine.fence.load(std::memory_order_acquire);
            mine.work(omp_get_thread_num(), omp_get_num_threads());
            mine.fence.fetch_add(1, std::memory_order_acq_rel);
        },
        &team, static_cast<unsigned>(threads), 0);
    team.fence.load(std::memory_order_acquire);
}

} // namespace furiosa::device::cpu
