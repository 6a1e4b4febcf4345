#pragma once

#include "nux/library/counted.hpp"

#include <cstddef>
#include <string>

namespace furiosa::test::nux {

/// What a session is asked to be.
struct Options : Counted<Options>
{
    std::string devices; ///< empty: any card
    unsigned long long worker_num = 1;
    unsigned long long batch_size = 1;
    unsigned long long input_queue_size = 6;
    unsigned long long output_queue_size = 6;
    std::string compiler_config;

    /// Throws invalid_session_options.
    void check() const;
    /// "npu:0:0, 1 worker, batch 1, queues of 6 and 6", and the configuration behind it, if there is one.
    std::string text() const;
};

} // namespace furiosa::test::nux
