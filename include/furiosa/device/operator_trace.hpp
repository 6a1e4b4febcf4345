#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace furiosa::device {

/// When a run worked on one operator.
struct OperatorSpan
{
    using Clock = std::chrono::steady_clock;

    std::uint32_t index; ///< of the operator in its program
    Clock::time_point begin;
    Clock::time_point end;
};

/// Is told what the runs of one loaded program do. Called by processing elements, several at once.
class OperatorTrace
{
public:
    virtual ~OperatorTrace() = default;

    /// The operators of one run on the element of that number, in their order.
    virtual void record(std::size_t element, std::span<const OperatorSpan> spans) noexcept = 0;
};

} // namespace furiosa::device
