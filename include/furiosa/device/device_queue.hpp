#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/post_gate.hpp>
#include <furiosa/device/detail/operation.hpp>
#include <furiosa/device/device.hpp>
#include <furiosa/device/loaded_program.hpp>
#include <furiosa/device/model_image.hpp>
#include <furiosa/device/operator_trace.hpp>
#include <furiosa/device/queue_limits.hpp>
#include <furiosa/device/queue_place.hpp>
#include <furiosa/program/program.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
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
///   never blocks: what the device cannot take yet, or what is beyond the limits of the queue, waits, and its handler
///   with it.
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

    DeviceQueue(executor_type executor, std::shared_ptr<Device> device, const QueueLimits& limits = {});
    DeviceQueue(DeviceQueue&&) noexcept = default;
    DeviceQueue& operator=(DeviceQueue&& other) noexcept;
    ~DeviceQueue();

    executor_type get_executor() const noexcept { return executor_; }
    const std::shared_ptr<Device>& device() const noexcept { return device_; }

    /// Puts a program on the device, on each of its members at once: void(std::exception_ptr, LoadedProgram).
    /// What its runs do is told to `trace`, unless that is null.
    /// Errors: program_target_mismatch, device_failed, out_of_memory.
    template <class Token>
    auto async_load(program::Program program, std::shared_ptr<OperatorTrace> trace, Token&& token)
    {
        auto& context = device_->context();
        return furiosa::detail::async_call<LoadedProgram>(
            context.io_executor(), executor_,
            [device = device_, program = std::move(program), trace = std::move(trace)] {
                return load(device, program, trace);
            },
            std::forward<Token>(token));
    }
    template <class Token>
    auto async_load(program::Program program, Token&& token)
    {
        return async_load(std::move(program), nullptr, std::forward<Token>(token));
    }

    /// The same with a model, for a device whose runtime takes them: void(std::exception_ptr, LoadedProgram).
    /// Errors: not_supported, program_target_mismatch, invalid_compiler_config, device_busy, device_failed.
    template <class Token>
    auto async_load(ModelImage image, Token&& token)
    {
        auto& context = device_->context();
        return furiosa::detail::async_call<LoadedProgram>(
            context.io_executor(), executor_,
            [device = device_, image = std::move(image)] { return load_model(device, image); },
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
            Submit{this, false}, token, std::cref(program), inputs, outputs);
    }

    /// The same for whoever holds a place in the queue: waits for none.
    template <class Token>
    auto async_submit(const QueuePlace& place, const LoadedProgram& program,
                      std::span<const boost::asio::const_buffer> inputs,
                      std::span<const boost::asio::mutable_buffer> outputs, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
            Submit{this, place.lane_ && place.lane_ == lane_}, token, std::cref(program), inputs, outputs);
    }

    /// Waits, in one line with the runs that were submitted, for a place in a queue whose limits say how many there
    /// are; without that limit it comes at once. Errors: cancelled, queue_closed.
    boost::asio::awaitable<QueuePlace> reserve();

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
            operation->has_place = has_place;
            operation->listen_for_cancellation();
            queue->submit(*operation, program);
        }

        DeviceQueue* queue;
        bool has_place;
    };

    struct Reserve
    {
        using executor_type = DeviceQueue::executor_type;
        executor_type get_executor() const noexcept { return queue->executor_; }

        template <class Handler>
        void operator()(Handler&& handler) const
        {
            using Operation = detail::HandlerOperation<std::decay_t<Handler>, executor_type>;
            auto* const operation =
                Operation::make(std::forward<Handler>(handler), queue->executor_, *queue->gate_, {}, {});
            operation->listen_for_cancellation();
            queue->submit_reservation(*operation);
        }

        DeviceQueue* queue;
    };

    static boost::asio::awaitable<LoadedProgram> load(std::shared_ptr<Device> device, program::Program program,
                                                      std::shared_ptr<OperatorTrace> trace);
    static boost::asio::awaitable<LoadedProgram> load_model(std::shared_ptr<Device> device, ModelImage image);
    void submit(detail::Operation& operation, const LoadedProgram& program) noexcept;
    void submit_reservation(detail::Operation& operation) noexcept;

    executor_type executor_;
    furiosa::detail::PostGate* gate_;
    std::shared_ptr<Device> device_;
    std::shared_ptr<detail::Lane> lane_;
};

} // namespace furiosa::device
