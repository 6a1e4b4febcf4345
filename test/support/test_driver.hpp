#pragma once

#include <furiosa/device/driver.hpp>
#include <furiosa/program/program.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace furiosa::test {

/// A device for tests: each run copies its inputs to its outputs, when and if the test lets it.
///
/// The test keeps the controls and hands `make_driver` to a Device. All members may be called from any thread.
class TestDevice : public std::enable_shared_from_this<TestDevice>
{
public:
    static std::shared_ptr<TestDevice> make(std::size_t capacity = 1)
    {
        return std::shared_ptr<TestDevice>(new TestDevice(capacity));
    }

    std::unique_ptr<device::Driver> make_driver();

    /// From now on runs stay on the device until they are released.
    void hold();
    /// Lets `count` of the runs that are held, or will be, complete.
    void release(std::size_t count = 1);
    /// Nothing is held any more.
    void let_go();
    /// How long each run takes.
    void set_latency(std::chrono::microseconds latency);
    /// The next run that completes fails so.
    void fail_next_run(std::exception_ptr failure);
    /// From now on it is lost: what it has, held or not, and what it is given, fails with errc::device_lost.
    void lose();
    /// The next load fails so.
    void fail_next_load(std::exception_ptr failure);

    /// First bytes of the inputs of all runs that were started, in their order.
    std::vector<int> started() const;
    /// Blocks until as many runs were started.
    void wait_for_started(std::size_t count) const;
    /// Blocks until as many runs have completed, well or not.
    void wait_for_completed(std::size_t count) const;
    std::size_t loaded_programs() const noexcept { return loaded_; }

private:
    class TestDriver;
    class Loaded;

    explicit TestDevice(std::size_t capacity);
    device::Run* next_to_complete(std::exception_ptr& failure);
    void run_thread();

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<std::pair<device::Run*, std::chrono::steady_clock::time_point>> runs_;
    std::vector<int> started_;
    std::chrono::microseconds latency_{0};
    std::exception_ptr run_failure_;
    std::exception_ptr load_failure_;
    std::size_t released_ = 0;
    std::size_t completed_ = 0;
    std::atomic<bool> lost_ = false;
    bool holding_ = false;
    bool stopping_ = false;
    std::atomic<std::size_t> loaded_ = 0;
};

/// A program for it: one tensor of `count` int32 goes in, and comes out again.
program::Program copy_program(std::int64_t count = 1, std::string target = "test");

} // namespace furiosa::test
