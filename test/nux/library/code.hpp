#pragma once

namespace furiosa::test::nux {

/// The vendor's error codes, as far as the stand-in gives them.
enum Code : int {
    success = 0,
    creation_failed = 1,
    deploy_failed = 2,
    execution_failed = 3,
    invalid_buffer = 6,
    invalid_inputs = 7,
    invalid_outputs = 8,
    queue_wait_timeout = 11,
    incompatible_model = 13,
    compilation_failed = 14,
    internal = 15,
    invalid_yaml = 16,
    null_pointer = 20,
    invalid_session_options = 21,
    session_terminated = 22,
    device_busy = 23,
    unsupported_feature = 25,
    invalid_compiler_config = 30,
};

/// Thrown inside, a code outside.
struct Failure
{
    Code code;
};

/// No exception leaves a C function.
template <class Body>
int guarded(Body body) noexcept
{
    try {
        body();
        return success;
    } catch (const Failure& failure) {
        return failure.code;
    } catch (...) {
        return internal;
    }
}

template <class Result, class Body>
Result value_or(Result fallback, Body body) noexcept
{
    try {
        return body();
    } catch (...) {
        return fallback;
    }
}

inline void require_pointers(auto*... pointers)
{
    if ((!pointers || ...))
        throw Failure{null_pointer};
}

} // namespace furiosa::test::nux
