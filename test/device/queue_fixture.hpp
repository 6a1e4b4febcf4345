#pragma once

#include "support/test_driver.hpp"

#include <furiosa/core/context.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/device/device_queue.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace furiosa::test {

/// One submission: its buffers and how it ended.
struct Submission
{
    explicit Submission(int value = 0) : input(value) {}

    std::array<boost::asio::const_buffer, 1> inputs() const { return {boost::asio::const_buffer(&input, sizeof input)}; }
    std::array<boost::asio::mutable_buffer, 1> outputs() { return {boost::asio::mutable_buffer(&output, sizeof output)}; }

    int input;
    int output = -1;
    unsigned completions = 0;
    std::exception_ptr failure;
    std::thread::id thread;

    bool done() const noexcept { return completions != 0; }
    boost::system::error_code error() const { return code_of(failure); }
};

/// A test device, or one of several members, with queues on an io_context that the test runs.
struct QueueFixture
{
    /// Members on the same card have the same letter in `cards`.
    explicit QueueFixture(std::size_t capacity = 1, std::string_view cards = "a")
    {
        std::vector<device::Device::Member> made;
        for (std::size_t i = 0; i != cards.size(); ++i) {
            members.push_back(TestDevice::make(capacity));
            made.emplace_back(fmt::format("test:{}", i), members.back()->make_driver(), static_cast<unsigned>(cards[i]));
        }
        hardware = members.front();
        device = std::make_shared<device::Device>(context, "test", std::move(made));
        program = load(*(queue = make_queue()));
    }

    std::unique_ptr<device::DeviceQueue> make_queue()
    {
        return std::make_unique<device::DeviceQueue>(loop.get_executor(), device);
    }

    device::LoadedProgram load(device::DeviceQueue& on, program::Program what = copy_program())
    {
        // Completes on the context's thread: no loop has to run.
        return on.async_load(std::move(what), boost::asio::bind_executor(context.io_executor(), boost::asio::use_future)).get();
    }

    /// Submits `submission.input`; its end is written into it.
    auto handler(Submission& submission)
    {
        return [&submission](std::exception_ptr failure) {
            ++submission.completions;
            submission.failure = failure;
            submission.thread = std::this_thread::get_id();
        };
    }

    template <class Token>
    auto submit(device::DeviceQueue& to, Submission& submission, Token&& token)
    {
        return to.async_submit(program, submission.inputs(), submission.outputs(), std::forward<Token>(token));
    }
    void submit(device::DeviceQueue& to, Submission& submission) { submit(to, submission, handler(submission)); }

    std::vector<Submission> submissions(std::size_t count)
    {
        std::vector<Submission> made(count);
        for (std::size_t i = 0; i != count; ++i)
            made[i].input = static_cast<int>(i);
        return made;
    }

    /// Runs the loop until nothing is under way any more.
    void run()
    {
        loop.restart();
        loop.run();
    }

    Context context{1};
    boost::asio::io_context loop{1};
    std::shared_ptr<TestDevice> hardware; // the first of the members
    std::vector<std::shared_ptr<TestDevice>> members;
    std::shared_ptr<device::Device> device;
    std::unique_ptr<device::DeviceQueue> queue;
    device::LoadedProgram program;
};

} // namespace furiosa::test
