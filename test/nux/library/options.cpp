#include "nux/library/options.hpp"

#include "nux/library/code.hpp"

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

} // namespace furiosa::test::nux
