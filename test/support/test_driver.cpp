#include "support/test_driver.hpp"

#include <furiosa/core/error.hpp>

#include <cstring>
#include <utility>

namespace furiosa::test {

class TestDevice::Loaded final : public device::Executable
{
public:
    explicit Loaded(TestDevice& device) : device_(device) { ++device_.loaded_; }
    ~Loaded() override { --device_.loaded_; }
    bool is_lost() const noexcept override { return device_.lost_; }

private:
    TestDevice& device_;
};

class TestDevice::TestDriver final : public device::Driver
{
public:
    explicit TestDriver(std::shared_ptr<TestDevice> device)
        : device_(std::move(device)), thread_([this] { device_->run_thread(); })
    {
    }
    ~TestDriver() override
    {
        std::lock_guard lock(device_->mutex_);
        device_->stopping_ = true;
        device_->changed_.notify_all();
    }

    std::string target() const override { return "test"; }
    std::size_t capacity() const noexcept override { return device_->capacity_; }

    std::unique_ptr<device::Executable> load(const program::Program& program) override
    {
        std::lock_guard lock(device_->mutex_);
        if (auto failure = std::exchange(device_->load_failure_, nullptr))
            std::rethrow_exception(failure);
        program.require_target(target());
        return std::make_unique<Loaded>(*device_);
    }

    void start(device::Run& run) noexcept override
    {
        int first = 0;
        if (!run.inputs().empty())
            std::memcpy(&first, run.inputs()[0].data(), sizeof first);
        std::lock_guard lock(device_->mutex_);
        device_->started_.push_back(first);
        device_->runs_.emplace_back(&run, std::chrono::steady_clock::now() + device_->latency_);
        device_->changed_.notify_all();
    }

private:
    std::shared_ptr<TestDevice> device_;
    std::jthread thread_;
};

TestDevice::TestDevice(std::size_t capacity) : capacity_(capacity)
{
    runs_.reserve(capacity);
    started_.reserve(1 << 16); // so that tests can count the allocations of others
}

std::unique_ptr<device::Driver> TestDevice::make_driver()
{
    return std::make_unique<TestDriver>(shared_from_this());
}

void TestDevice::hold()
{
    std::lock_guard lock(mutex_);
    holding_ = true;
}

void TestDevice::release(std::size_t count)
{
    std::lock_guard lock(mutex_);
    released_ += count;
    changed_.notify_all();
}

void TestDevice::let_go()
{
    std::lock_guard lock(mutex_);
    holding_ = false;
    released_ = 0;
    changed_.notify_all();
}

void TestDevice::set_latency(std::chrono::microseconds latency)
{
    std::lock_guard lock(mutex_);
    latency_ = latency;
}

void TestDevice::fail_next_run(std::exception_ptr failure)
{
    std::lock_guard lock(mutex_);
    run_failure_ = std::move(failure);
}

void TestDevice::lose()
{
    std::lock_guard lock(mutex_);
    lost_ = true;
    changed_.notify_all();
}

void TestDevice::fail_next_load(std::exception_ptr failure)
{
    std::lock_guard lock(mutex_);
    load_failure_ = std::move(failure);
}

std::vector<int> TestDevice::started() const
{
    std::lock_guard lock(mutex_);
    return started_;
}

void TestDevice::wait_for_started(std::size_t count) const
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started_.size() >= count; });
}

void TestDevice::wait_for_completed(std::size_t count) const
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return completed_ >= count; });
}

/// Null when the driver ends.
device::Run* TestDevice::next_to_complete(std::exception_ptr& failure)
{
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || (!runs_.empty() && (lost_ || !holding_ || released_ != 0)); });
        if (runs_.empty())
            return nullptr;
        const auto [run, due] = runs_.front();
        if (lost_) {
            runs_.erase(runs_.begin());
            failure = std::make_exception_ptr(Error(errc::device_lost, "the device of the test is lost"));
            return run;
        }
        if (changed_.wait_until(lock, due, [due = due] { return std::chrono::steady_clock::now() >= due; }) &&
            (!holding_ || released_ != 0)) {
            runs_.erase(runs_.begin());
            if (holding_)
                --released_;
            failure = std::exchange(run_failure_, nullptr);
            return run;
        }
    }
}

void TestDevice::run_thread()
{
    std::exception_ptr failure;
    while (auto* const run = next_to_complete(failure)) {
        if (!failure)
            for (std::size_t i = 0; i != run->outputs().size() && i != run->inputs().size(); ++i)
                boost::asio::buffer_copy(run->outputs()[i], run->inputs()[i]);
        run->complete(std::exchange(failure, nullptr));
        std::lock_guard lock(mutex_);
        ++completed_;
        changed_.notify_all();
    }
}

program::Program copy_program(std::int64_t count, std::string target)
{
    using program::Location;
    const auto bytes = static_cast<std::uint64_t>(count) * sizeof(std::int32_t);
    program::ProgramContent content;
    content.target = std::move(target);
    for (const auto location : {Location::input, Location::output}) {
        program::ProgramTensor tensor;
        tensor.desc = {location == Location::input ? "in" : "out", DataType::int32, {count}, "", {}};
        tensor.location = location;
        tensor.size = bytes;
        content.tensors.push_back(std::move(tensor));
    }
    content.operators.push_back({program::OpKind::identity, "copy", {0}, {1}, {}});
    content.inputs = {0};
    content.outputs = {1};
    return program::Program::open(program::serialize(content));
}

} // namespace furiosa::test
