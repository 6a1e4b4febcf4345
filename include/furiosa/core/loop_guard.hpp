#pragma once

namespace furiosa::detail {

/// Marks the calling thread as one that runs an event loop, for as long as it lives: a blocking call from such
/// a thread would wait for itself.
class LoopGuard
{
public:
    LoopGuard() noexcept;
    LoopGuard(const LoopGuard&) = delete;
    LoopGuard& operator=(const LoopGuard&) = delete;
    ~LoopGuard();

    /// Does the calling thread run a loop of this library?
    static bool thread_runs_loop() noexcept;

    /// Throws errc::would_deadlock if it does.
    static void require_none();

private:
    bool outer_;
};

} // namespace furiosa::detail
