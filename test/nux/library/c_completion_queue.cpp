#include "nux/nux.hpp"

#include "nux/library/completion_queue.hpp"
#include "nux/library/handles.hpp"

#include <algorithm>

using namespace furiosa::test::nux;

namespace {

using Deadline = std::optional<CompletionQueue::Clock::time_point>;

Deadline deadline_in(unsigned long long milliseconds)
{
    constexpr unsigned long long year = 365ull * 24 * 3600 * 1000; // so that no clock overflows
    return CompletionQueue::Clock::now() + std::chrono::milliseconds(std::min(milliseconds, year));
}

bool next(void* handle, Deadline deadline, void** context, void** outputs, int* error)
{
    require_pointers(context, outputs, error);
    const auto queue = Handles<CompletionQueue>::require(handle);
    auto completion = queue->next(deadline);
    *context = completion ? completion->context : nullptr;
    *outputs = completion && completion->outputs ? completion->outputs->publish() : nullptr;
    *error = completion ? completion->code : queue->has_ended() ? session_terminated : queue_wait_timeout;
    return completion.has_value();
}

} // namespace

bool nux_completion_queue_next(void* queue, void** context, void** outputs, int* error)
{
    return value_or(false, [&] { return next(queue, {}, context, outputs, error); });
}

bool nux_completion_queue_next_timeout(void* queue, unsigned long long milliseconds, void** context, void** outputs,
                                       int* error)
{
    return value_or(false, [&] { return next(queue, deadline_in(milliseconds), context, outputs, error); });
}

void nux_completion_queue_destroy(void* handle)
{
    if (const auto queue = Handles<CompletionQueue>::take(handle))
        queue->abandon();
}
