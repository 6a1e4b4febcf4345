#pragma once

#include <furiosa/core/tensor.hpp>
#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/device/device_queue.hpp>
#include <furiosa/program/program.hpp>
#include <furiosa/session/named_tensors.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/container/small_vector.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace furiosa::session {

class Profiler;
class SessionFactory;

/// A program on a device, ready to answer. Made by create_session.
///
/// Executor
///   Handlers run on their associated executor, else on the one that the session was created with.
/// Errors
///   wrong_tensor_count, wrong_tensor_name, wrong_data_type, wrong_shape (each says what was expected and what was
///   got), session_closed, queue_closed (its Context is going), cancelled, invalid_argument (data out of range, as an
///   index of Gather), out_of_memory, device_failed, device_lost.
/// Backpressure
///   What the device, or SessionOptions, does not let in yet waits in the order in which it came. `run` takes memory
///   for its outputs only when it is let in.
/// Several devices
///   A session on several elements or cards gives each run to the least loaded one. When one of them dies, the runs that
///   it had are given to the others, once, and so is whatever comes; `lost_devices` names it. When none is left, runs end
///   with errc::device_lost: create the session anew.
/// Cancellation
///   Terminal, partial and total. A run that waits is dropped; one under way ends when the device lets go of it.
///   Either way it completes with errc::cancelled.
/// Lifetime
///   A handle that moves. Its destruction closes the session: what was submitted completes, with
///   errc::session_closed if it was not done, and buffers of the caller must stay valid until then. `run` keeps
///   what it needs of the session once it has been awaited.
/// Thread safety
///   All members but moving and destruction may be called from any thread.
class Session
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// An empty handle: only assignment, destruction and `operator bool` make sense.
    Session() = default;
    Session(Session&&) noexcept = default;
    Session& operator=(Session&&) noexcept;
    ~Session();

    explicit operator bool() const noexcept { return state_ != nullptr; }
    executor_type get_executor() const noexcept { return state_->queue.get_executor(); }

    /// What `run` takes and gives, with the shapes of the batch size that was chosen.
    const std::vector<TensorDesc>& inputs() const noexcept { return state_->program.inputs(); }
    const std::vector<TensorDesc>& outputs() const noexcept { return state_->program.outputs(); }

    /// The device, as "cpu(1)*2", and what its program was compiled for, as "cpu-avx512".
    std::string device() const { return state_->queue.device()->name(); }
    const std::string& target() const noexcept { return state_->target; }

    /// The devices that died, as "npu:0:1". As long as it has others, the session goes on without them.
    std::vector<std::string> lost_devices() const { return state_->program.lost_members(); }

    /// How many runs at once keep the device busy: those that it works on, and those that it keeps ready.
    std::size_t concurrency() const noexcept;

    /// One inference on tensors that the session takes over, in the order of `inputs()`; gives new ones.
    boost::asio::awaitable<std::vector<Tensor>> run(std::vector<Tensor> inputs);

    /// The same by name, in any order.
    boost::asio::awaitable<NamedTensors> run(NamedTensors inputs);

    /// The same from and into the caller's memory, which must stay valid until it has returned.
    boost::asio::awaitable<void> run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs);

    /// One inference from and into the caller's memory: void(std::exception_ptr). Nothing is copied.
    ///
    /// The spans are looked at when the operation starts: inside this call, or, with a lazy token as use_awaitable or
    /// deferred, when it is awaited. The elements must stay valid, and those of the outputs untouched, until completion.
    /// In the steady state no heap memory is allocated, save for what oneDNN takes for the arguments of its primitives.
    template <class Token>
    auto async_run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr)>(Submit{state_.get(), nullptr}, token,
                                                                            inputs, outputs);
    }

    /// Ends what was submitted, and whatever comes after, with errc::session_closed.
    void close() noexcept;

    /// Device, target, inputs, outputs, operators and the memory they take, in a few lines, to stdout.
    void print_summary() const;
    std::string summary() const;

private:
    friend class SessionFactory;

    using InputBuffers = boost::container::small_vector<boost::asio::const_buffer, 16>;
    using OutputBuffers = boost::container::small_vector<boost::asio::mutable_buffer, 16>;

    struct State
    {
        device::DeviceQueue queue;
        device::LoadedProgram program;
        std::optional<program::Program> source; // what was loaded, unless the device's runtime took the model
        device::QueueLimits limits;
        std::shared_ptr<Profiler> profiler; // or null
        std::string target;
        std::string model;

        /// Null if the tensors fit.
        std::exception_ptr check(std::span<const ConstTensorView> in, std::span<const TensorView> out) const;
        /// Throws unless the tensors fit.
        void check_inputs(std::span<const ConstTensorView> in) const;
        std::vector<Tensor> in_order(NamedTensors named) const;
    };

    struct Submit
    {
        using executor_type = Session::executor_type;
        executor_type get_executor() const noexcept { return state->queue.get_executor(); }

        template <class Handler>
        void operator()(Handler&& handler, std::span<const ConstTensorView> inputs,
                        std::span<const TensorView> outputs) const
        {
            if (auto wrong = state->check(inputs, outputs)) {
                const auto executor = boost::asio::get_associated_executor(handler, get_executor());
                boost::asio::post(executor, boost::asio::append(std::forward<Handler>(handler), std::move(wrong)));
                return;
            }
            InputBuffers in;
            for (const auto& view : inputs)
                in.emplace_back(view.data(), view.size_in_bytes());
            OutputBuffers out;
            for (const auto& view : outputs)
                out.emplace_back(view.data(), view.size_in_bytes());
            const device::QueuePlace none;
            state->queue.async_submit(place ? *place : none, state->program, in, out, std::forward<Handler>(handler));
        }

        State* state;
        const device::QueuePlace* place; // or null
    };

    explicit Session(std::shared_ptr<State> state);
    static boost::asio::awaitable<std::vector<Tensor>> run(std::shared_ptr<State> state, std::vector<Tensor> inputs);

    std::shared_ptr<State> state_; // shared with coroutines of `run`, that is all
};

} // namespace furiosa::session
