#include "nux/library/options.hpp"

#include "nux/library/code.hpp"

#include <fmt/format.h>

namespace furiosa::test::nux {

void Options::check() const
{
    // Each worker is a thread; the other limits are those of the vendor's own wrappers.
    constexpr unsigned long long max_workers = 64;
    constexpr unsigned long long max_size = 0x7fff'ffff;
    if (worker_num == 0 || worker_num > max_workers)
        throw Failure{invalid_session_options};
    for (const auto size : {batch_size, input_queue_size, output_queue_size})
        if (size == 0 || size > max_size)
            throw Failure{invalid_session_options};
}

std::string Options::text() const
{
    return fmt::format("{}, {} worker{}, batch {}, queues of {} and {}{}{}", devices.empty() ? "any device" : devices,
                       worker_num, worker_num == 1 ? "" : "s", batch_size, input_queue_size, output_queue_size,
                       compiler_config.empty() ? "" : ", ", compiler_config);
}

} // namespace furiosa::test::nux
