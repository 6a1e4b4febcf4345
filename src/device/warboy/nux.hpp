#pragma once

#include <cstdint>

namespace furiosa::device::warboy {

/// What this library calls of the vendor's C runtime, libnux.so, as its header nux.h declares it. Handles are opaque;
/// functions return a code of nux_error.hpp unless they are named otherwise.
struct Nux
{
    using Size = std::uintptr_t;
    using Count = unsigned long long;

    void* (*nux_session_option_create)();
    void (*nux_session_option_set_device)(void* options, const char* notation);
    int (*nux_session_option_set_compiler_config)(void* options, const char* yaml);
    void (*nux_session_option_set_worker_num)(void* options, Count);
    void (*nux_session_option_set_batch_size)(void* options, Count);
    void (*nux_session_option_set_input_queue_size)(void* options, Count);
    void (*nux_session_option_set_output_queue_size)(void* options, Count);
    void (*nux_session_option_destroy)(void* options);

    /// Takes the options over, whether it succeeds or not.
    int (*nux_async_session_create)(const std::uint8_t* model, Size size, void* options, void** session, void** queue);
    /// Returns at once, and takes the inputs over.
    int (*nux_async_session_run)(void* session, void* context, void* inputs);
    void* (*nux_async_session_get_model)(void* session);
    void (*nux_async_session_destroy)(void* session);

    /// Blocks; false when the session has ended.
    bool (*nux_completion_queue_next)(void* queue, void** context, void** outputs, int* error);
    void (*nux_completion_queue_destroy)(void* queue);

    Size (*nux_input_num)(void* model);
    Size (*nux_output_num)(void* model);
    void* (*nux_input_desc)(void* model, Size);
    void* (*nux_output_desc)(void* model, Size);

    char* (*nux_tensor_name)(void* desc);
    void (*nux_string_destroy)(char*);
    Size (*nux_tensor_dim_num)(void* desc);
    Size (*nux_tensor_dim)(void* desc, Size);
    int (*nux_tensor_axis)(void* desc, Size);
    int (*nux_tensor_dtype)(void* desc);
    Size (*nux_tensor_size)(void* desc);
    int (*nux_tensor_quantization_parameter)(void* desc, double* scale, std::int32_t* zero_point);

    void* (*nux_tensor_array_create_inputs)(void* model);
    void* (*nux_tensor_array_get)(void* array, Size);
    Size (*nux_tensor_array_len)(void* array);
    void (*nux_tensor_array_destroy)(void* array);
    int (*tensor_set_buffer)(void* tensor, std::uint8_t* bytes, Size size, void (*free)(std::uint8_t*, Size));
    int (*tensor_get_buffer)(void* tensor, std::uint8_t** bytes, Size* size);

    const char* (*version)();
    const char* (*git_short_hash)();
};

} // namespace furiosa::device::warboy
