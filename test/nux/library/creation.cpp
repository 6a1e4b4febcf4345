#include "nux/library/creation.hpp"

#include <atomic>

namespace furiosa::test::nux {

namespace {

std::atomic<int> next_failure = success;

} // namespace

void fail_next_creation(int code)
{
    next_failure = code;
}

std::shared_ptr<Options> creation_options(void* handle)
{
    auto options = Handles<Options>::require_to_take(handle, invalid_session_options);
    options->check();
    if (const int code = next_failure.exchange(success); code != success)
        throw Failure{static_cast<Code>(code)};
    return options;
}

} // namespace furiosa::test::nux
