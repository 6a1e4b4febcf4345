#pragma once

#include "device/cpu/element.hpp"

#include <furiosa/device/driver.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace furiosa::device::cpu {

/// The CPU as a device: processing elements are threads, each of which runs one inference at a time, with helpers if
/// it is of several threads.
class CpuDriver final : public Driver
{
public:
    /// Throws errc::out_of_memory when its threads cannot be started.
    explicit CpuDriver(std::vector<Element> elements);
    ~CpuDriver() override;

    std::string target() const override;
    std::size_t capacity() const noexcept override;
    std::size_t element_count() const noexcept override { return elements_.size(); }
    std::unique_ptr<Executable> load(const program::Program& program) override;
    void start(Run& run) noexcept override;

private:
    void stop() noexcept;
    void run_element(std::size_t index);
    Run* next_run();
    Run* pop();

    const std::vector<Element> elements_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Run* first_ = nullptr;
    Run* last_ = nullptr;
    std::atomic<std::size_t> waiting_ = 0; // length of the list, for elements that spin
    std::size_t sleeping_ = 0;
    bool stopping_ = false;
    std::vector<std::jthread> threads_; // one for each element
};

} // namespace furiosa::device::cpu
