#pragma once

#include <furiosa/core/post_gate.hpp>
#include <furiosa/device/detail/loaded.hpp>
#include <furiosa/device/driver.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace furiosa::device {

namespace detail {

struct Lane;
using furiosa::detail::PostGate;

/// A submitted run: one node, allocated with the allocator of its handler, from submission to completion.
///
/// Who owns it is said by `state`, which the Device's mutex guards: the lane it waits in, then the driver, then the
/// completion that is posted to the handler's executor.
class Operation : public Run
{
public:
    enum class State : std::uint8_t { outside, queued, running, done };

    /// Hands the handler to its executor. The operation belongs to that completion from then on.
    virtual void post_completion() noexcept = 0;

    /// The member of the device that runs it next.
    void put_on(std::size_t index) noexcept
    {
        member = index;
        executable_ = loaded->executables[index].get();
    }

    Operation* next_queued = nullptr;
    Operation* previous_queued = nullptr;
    std::shared_ptr<Device> device;
    std::shared_ptr<Lane> lane;
    std::shared_ptr<const Loaded> loaded; // what it runs
    std::exception_ptr failure;
    std::uint64_t number = 0; // in the order in which its queue took it in
    std::size_t member = 0;   // of the device, that runs it
    State state = State::outside;
    bool abandoned = false;      // cancelled, or its queue closed, while it ran
    bool given_again = false;    // to another member, since one was lost with it
    bool is_reservation = false; // asks for a place in the queue, nothing more
    bool has_place = false;      // under a reservation that somebody else holds
    bool counts_as_result = false;

protected:
    ~Operation() = default;
};

void cancel(Operation& operation) noexcept;
/// The handler is called now, or was dropped without a call.
void taken(Operation& operation) noexcept;
void dropped(Operation& operation) noexcept;

/// The plain std::allocator means that the handler has no wish; then Asio's cache of the thread serves.
template <class Allocator>
struct OperationAllocator
{
    using type = Allocator;
    static const type& of(const Allocator& allocator) noexcept { return allocator; }
};
template <class T>
struct OperationAllocator<std::allocator<T>>
{
    using type = boost::asio::recycling_allocator<T>;
    static type of(const std::allocator<T>&) noexcept { return {}; }
};

/// Memory inside an operation for the one node that its executor needs to carry the completion, so that
/// completing allocates nothing, on whatever thread the device completes.
class CompletionMemory
{
public:
    void* allocate(std::size_t size)
    {
        if (size <= sizeof(bytes_) && !std::exchange(used_, true))
            return bytes_;
        return ::operator new(size);
    }
    void deallocate(void* memory) noexcept
    {
        if (memory == bytes_)
            used_ = false;
        else
            ::operator delete(memory);
    }

private:
    alignas(std::max_align_t) std::byte bytes_[112];
    bool used_ = false;
};

template <class T>
class CompletionAllocator
{
public:
    using value_type = T;

    explicit CompletionAllocator(CompletionMemory& memory) noexcept : memory_(&memory) {}
    template <class U>
    CompletionAllocator(const CompletionAllocator<U>& other) noexcept : memory_(other.memory_)
    {
    }

    T* allocate(std::size_t n) { return static_cast<T*>(memory_->allocate(n * sizeof(T))); }
    void deallocate(T* p, std::size_t) noexcept { memory_->deallocate(p); }

    template <class U>
    bool operator==(const CompletionAllocator<U>& other) const noexcept
    {
        return memory_ == other.memory_;
    }

private:
    template <class>
    friend class CompletionAllocator;

    CompletionMemory* memory_;
};

template <class Handler, class IoExecutor>
class HandlerOperation final : public Operation
{
    using Executor = boost::asio::associated_executor_t<Handler, IoExecutor>;
    using Slot = boost::asio::associated_cancellation_slot_t<Handler>;
    using Allocator = OperationAllocator<boost::asio::associated_allocator_t<Handler>>;
    struct alignas(std::max_align_t) Unit
    {
        std::byte bytes[sizeof(std::max_align_t)];
    };
    using Units = typename std::allocator_traits<typename Allocator::type>::template rebind_alloc<Unit>;

public:
    /// Room for the node and, behind it, copies of the buffer descriptors.
    static HandlerOperation* make(Handler handler, const IoExecutor& fallback, PostGate& fallback_gate,
                                  std::span<const boost::asio::const_buffer> inputs,
                                  std::span<const boost::asio::mutable_buffer> outputs)
    {
        const std::size_t bytes = sizeof(HandlerOperation) + inputs.size_bytes() + outputs.size_bytes();
        const std::size_t units = (bytes + sizeof(Unit) - 1) / sizeof(Unit);
        Units allocator(Allocator::of(boost::asio::get_associated_allocator(handler)));
        Unit* const memory = std::allocator_traits<Units>::allocate(allocator, units);
        try {
            return new (memory) HandlerOperation(std::move(handler), fallback, fallback_gate, units, inputs, outputs);
        } catch (...) {
            std::allocator_traits<Units>::deallocate(allocator, memory, units);
            throw;
        }
    }

    /// From now until completion the handler's cancellation slot cancels this. If there is no memory for that, this is
    /// gone, and the handler is not called.
    void listen_for_cancellation()
    {
        if (!slot_.is_connected())
            return;
        try {
            slot_.assign([this](boost::asio::cancellation_type type) {
                if (type != boost::asio::cancellation_type::none)
                    cancel(*this);
            });
        } catch (...) {
            destroy_with(Units(Allocator::of(boost::asio::get_associated_allocator(handler_))));
            throw;
        }
    }

    void post_completion() noexcept override
    {
        gate_.pass([this] { post(); });
    }

private:
    /// Owns the operation on its way through the handler's executor, which may drop it without a call.
    class Completion
    {
    public:
        using allocator_type = CompletionAllocator<void>;

        explicit Completion(HandlerOperation* operation) noexcept : operation_(operation) {}
        Completion(Completion&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
        ~Completion()
        {
            if (operation_)
                operation_->destroy();
        }
        void operator()() { std::exchange(operation_, nullptr)->invoke(); }
        allocator_type get_allocator() const noexcept { return allocator_type(operation_->memory_); }

    private:
        HandlerOperation* operation_;
    };

    HandlerOperation(Handler handler, const IoExecutor& fallback, PostGate& fallback_gate, std::size_t units,
                     std::span<const boost::asio::const_buffer> inputs,
                     std::span<const boost::asio::mutable_buffer> outputs)
        : slot_(boost::asio::get_associated_cancellation_slot(handler)),
          work_(boost::asio::get_associated_executor(handler, fallback)),
          gate_(gate_of(work_.get_executor(), fallback, fallback_gate)), handler_(std::move(handler)), units_(units)
    {
        auto* const first_input = reinterpret_cast<boost::asio::const_buffer*>(this + 1);
        std::uninitialized_copy(inputs.begin(), inputs.end(), first_input);
        auto* const first_output = reinterpret_cast<boost::asio::mutable_buffer*>(first_input + inputs.size());
        std::uninitialized_copy(outputs.begin(), outputs.end(), first_output);
        inputs_ = {first_input, inputs.size()};
        outputs_ = {first_output, outputs.size()};
    }
    ~HandlerOperation() = default;

    /// Looking a gate up takes a lock: that of the queue's own executor is known.
    static PostGate& gate_of(const Executor& executor, const IoExecutor& fallback, PostGate& fallback_gate)
    {
        if constexpr (std::is_same_v<Executor, IoExecutor>)
            if (executor == fallback)
                return fallback_gate;
        return PostGate::of(executor);
    }

    void post() noexcept
    {
        // Asio's own loop takes the memory that is offered; behind a type-erased executor it would not.
        if constexpr (std::is_same_v<Executor, boost::asio::any_io_executor>) {
            const auto executor = work_.get_executor();
            using Loop = boost::asio::io_context::executor_type;
            if (const auto* loop = executor.template target<Loop>())
                return boost::asio::post(*loop, Completion(this));
            boost::asio::post(executor, Completion(this));
        } else {
            boost::asio::post(work_.get_executor(), Completion(this));
        }
    }

    /// As Asio asks for: the memory is free again before the handler is called.
    void invoke()
    {
        if (slot_.is_connected())
            slot_.clear();
        if (counts_as_result)
            taken(*this);
        auto handler = std::move(handler_);
        auto exception = std::move(failure);
        const auto work = std::move(work_);
        destroy_with(Units(Allocator::of(boost::asio::get_associated_allocator(handler))));
        std::move(handler)(exception);
    }

    void destroy()
    {
        dropped(*this);
        destroy_with(Units(Allocator::of(boost::asio::get_associated_allocator(handler_))));
    }

    void destroy_with(Units allocator)
    {
        const auto units = units_;
        this->~HandlerOperation();
        std::allocator_traits<Units>::deallocate(allocator, reinterpret_cast<Unit*>(this), units);
    }

    CompletionMemory memory_;
    Slot slot_;
    boost::asio::executor_work_guard<Executor> work_;
    PostGate& gate_;
    Handler handler_;
    std::size_t units_;
};

} // namespace detail
} // namespace furiosa::device
