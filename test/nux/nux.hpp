#pragma once

#include <cstdint>

/// The C interface of the vendor's runtime, `libnux.so`, as far as it is known in public.
///
/// Handles are opaque; functions that return `int` return an error code, 0 for success. Where the vendor's documents
/// are silent, the comments say what the stand-in does.
extern "C" {

// Options of a session. Without a device it takes the first card that is free; it has one worker, a batch of one, and
// places for six runs in each queue. Values that no session can have are found when one is created: code 21.
void* nux_session_option_create(void);
void nux_session_option_set_device(void* options, const char* names);
int nux_session_option_set_compiler_config(void* options, const char* yaml);
void nux_session_option_set_worker_num(void* options, unsigned long long count);
void nux_session_option_set_batch_size(void* options, unsigned long long size);
void nux_session_option_set_input_queue_size(void* options, unsigned long long size);
void nux_session_option_set_output_queue_size(void* options, unsigned long long size);
void nux_session_option_destroy(void* options);

// A session that runs on the calling thread. Creation takes the options over, whether it succeeds or not. Several
// threads may run at once; destroying it ends their runs with code 22.
int nux_session_create(const std::uint8_t* model, std::uintptr_t length, void* options, void** session);
void* nux_session_get_model(void* session);
int nux_session_run(void* session, void* inputs, void* outputs);
void nux_session_destroy(void* session);

// A session with threads of its own. `run` takes the inputs over, whether it succeeds or not, and destroys them before
// the completion can be seen; it waits while the input queue is full. Destroying the session ends all runs with code
// 22; what has not been fetched from the completion queue stays there. Session and queue are destroyed in any order.
int nux_async_session_create(const std::uint8_t* model, std::uintptr_t length, void* options, void** session,
                             void** queue);
int nux_async_session_run(void* session, void* context, void* inputs);
void* nux_async_session_get_model(void* session);
void nux_async_session_destroy(void* session);

// Runs in the order in which they ended. A failed one has a code and null outputs. False means that nothing more comes
// (the code is 22 then), or that the time is up (11). Destroying the queue sends home who waits in it, and what comes
// later is thrown away.
bool nux_completion_queue_next(void* queue, void** context, void** outputs, int* error);
bool nux_completion_queue_next_timeout(void* queue, unsigned long long milliseconds, void** context, void** outputs,
                                       int* error);
void nux_completion_queue_destroy(void* queue);

// A model belongs to its session, a description to its model: nobody destroys them.
std::uintptr_t nux_input_num(void* model);
std::uintptr_t nux_output_num(void* model);
void* nux_input_desc(void* model, std::uintptr_t index);
void* nux_output_desc(void* model, std::uintptr_t index);

// Strides count elements. Quantization parameters that are none, or one for each channel, give code 25.
char* nux_tensor_name(void* desc);
void nux_string_destroy(char* string);
std::uintptr_t nux_tensor_dim_num(void* desc);
std::uintptr_t nux_tensor_dim(void* desc, std::uintptr_t index);
std::uintptr_t nux_tensor_stride(void* desc, std::uintptr_t index);
int nux_tensor_axis(void* desc, std::uintptr_t index);
int nux_tensor_dtype(void* desc);
std::uintptr_t nux_tensor_len(void* desc);
std::uintptr_t nux_tensor_size(void* desc);
int nux_tensor_quantization_parameter(void* desc, double* scale, std::int32_t* zero_point);

// `allocate` gives tensors with memory, `create` without: inputs must be given some, outputs get it in the run. An
// array outlives its session. One array is for one thread at a time.
void* nux_tensor_array_allocate_inputs(void* model);
void* nux_tensor_array_allocate_outputs(void* model);
void* nux_tensor_array_create_inputs(void* model);
void* nux_tensor_array_create_outputs(void* model);
void* nux_tensor_array_get(void* array, std::uintptr_t index);
std::uintptr_t nux_tensor_array_len(void* array);
void nux_tensor_array_destroy(void* array);

// A buffer must have the size of its tensor, and the alignment of its elements: else code 6. One that was set is used
// where it lies; `free` (which may be null) is called once, when the array is destroyed or another buffer is set, and
// never for a buffer that was refused. It may be called on any thread, and must not call back into the library.
int tensor_fill_buffer(void* tensor, std::uint8_t* bytes, std::uintptr_t size);
int tensor_set_buffer(void* tensor, std::uint8_t* bytes, std::uintptr_t size,
                      void (*free)(std::uint8_t*, std::uintptr_t));
int tensor_get_buffer(void* tensor, std::uint8_t** bytes, std::uintptr_t* size);

const char* version(void);
const char* git_short_hash(void);
const char* build_timestamp(void);
void enable_logging(int level);

} // extern "C"
