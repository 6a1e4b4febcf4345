#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/post_gate.hpp>
#include <furiosa/device/detail/operation.hpp>
#include <furiosa/device/device.hpp>
#include <furiosa/device/loaded_program.hpp>
#include <furiosa/program/program.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <exception>
#include <memory>
#include <span>
#include <utility>

namespace furiosa::device {

/// An I/O object like a socket, with a device at the other end: loads programs and runs them.
///
/// Executor
///   Handlers run on their associated executor, else on the queue's. Never inside the initiating call.
/// Memory
///   A submission is one node from the handler's associated allocator (Asio's recycling one if it has none), which
///   also carries the completion back: on an io_context nothing is allocated for a run in the steady state.
/// Order and backpressure
///   Submissions of one queue start in the order they were made; the queues of one device take turns. Submitting
///   never blocks: what the device cannot take yet waits, and its handler with it.
/// Cancellation
///   Terminal, partial and total, all with the same effect: a run that waits is removed and completes with
///   errc::cancelled; one that the device works on completes so as soon as the device lets go of its buffers.
/// Lifetime
///   Destruction closes the queue. Everything that was submitted still completes exactly once, with
///   errc::queue_closed if it was not done; buffers must stay valid until then.
/// Thread safety
///   All members but moving and destruction may be called from any thread.
class DeviceQueue
{
public:
    using executor_type = boost::asio::any_io_executor;

    DeviceQueue(executor_type executor, std::shared_ptr<Device> device);
    DeviceQueue(DeviceQueue&&) noexcept = default;
    DeviceQueue& operator=(DeviceQueue&& other) noexcept;
    ~DeviceQueue();

    executor_type get_executor() const noexcept { return executor_; }
    const std::shared_ptr<Device>& device() const noexcept { return device_; }

    /// Puts a program on the device: void(std::exception_ptr, LoadedProgram). Works on a worker.
    /// Errors: program_target_mismatch, device_failed, out_of_memory.
    template <class Token>
    auto async_load(program::Program program, Token&& token)
    {
        auto& context = device_->context();
        return furiosa::detail::async_call<LoadedProgram>(
            context.io_executor(), executor_,
            [device = device_, program = std::move(program)] { return load(device, program); },
            std::forward<Token>(token));
    }

    /// Runs a program once: void(std::exception_ptr).
    ///
    /// `inputs` and `outputs` name the caller's buffers, in the order and of the sizes of the program's inputs and
    /// outputs. The program and the spans are looked at when the operation starts: inside this call, or, with a lazy
    /// token as use_awaitable or deferred, when it is awaited. The buffers must stay valid, and the outputs untouched,
    /// until completion. Errors: invalid_argument, wrong_tensor_count, wrong_shape, cancelled, queue_closed,
    /// device_failed and what the driver reports.
    template <class Token>
    auto async_submit(const LoadedProgram& program, std::span<const boost::asio::const_buffer> inputs,
                      std::span<const boost::asio::mutable_buffer> outputs, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
            Submit{this}, token, std::cref(program), inputs, outputs);
    }

    /// Cancels all that was submitted and is not done.
    void cancel() noexcept;

    /// Ends all that was submitted, and whatever comes after, with `reason`; null stands for errc::queue_closed.
    void close(std::exception_ptr reason = nullptr) noexcept;

private:
    struct Submit
    {
        using executor_type = DeviceQueue::executor_type;
        executor_type get_executor() const noexcept { return queue->executor_; }

        template <class Handler>
        void operator()(Handler&& handler, const LoadedProgram& program,
                        std::span<const boost::asio::const_buffer> inputs,
                        std::span<const boost::asio::mutable_buffer> outputs) const
        {
            using Operation = detail::HandlerOperation<std::decay_t<Handler>, executor_type>;
            auto* const operation =
                Operation::make(std::forward<Handler>(handler), queue->executor_, *queue->gate_, inputs, outputs);
            operation->listen_for_cancellation();
            queue->submit(*operation, program);
        }

        DeviceQueue* queue;
    };

    static boost::asio::awaitable<LoadedProgram> load(std::shared_ptr<Device> device, program::Program program);
    void submit(detail::Operation& operation, const LoadedProgram& program) noexcept;

    executor_type executor_;
    furiosa::detail::PostGate* gate_;
    std::shared_ptr<Device> device_;
    std::shared_ptr<detail::Lane> lane_;
};

} // namespace furiosa::device
