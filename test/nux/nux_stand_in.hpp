#pragma once

#include "nux/nux.hpp"
#include "nux/nux_controls.hpp"

#include <dlfcn.h>
#include <stdexcept>
#include <string>

namespace furiosa::test {

/// The stand-in for the vendor's runtime, opened as a program opens the real one. Each function is a member of its own
/// name:
///
///     auto& nux = NuxStandIn::instance();
///     nux.nux_stand_in_hold();
///     void* const options = nux.nux_session_option_create();
class NuxStandIn
{
public:
    /// The file, for those who open it themselves: there is one copy of it in a process, and one state.
    static constexpr const char* path = FURIOSA_NUX_STAND_IN;

    /// Opened once, and never closed.
    static const NuxStandIn& instance()
    {
        static const NuxStandIn nux;
        return nux;
    }

#define FURIOSA_NUX(name) decltype(&::name) const name = find<decltype(&::name)>(#name)
    FURIOSA_NUX(nux_session_option_create);
    FURIOSA_NUX(nux_session_option_set_device);
    FURIOSA_NUX(nux_session_option_set_compiler_config);
    FURIOSA_NUX(nux_session_option_set_worker_num);
    FURIOSA_NUX(nux_session_option_set_batch_size);
    FURIOSA_NUX(nux_session_option_set_input_queue_size);
    FURIOSA_NUX(nux_session_option_set_output_queue_size);
    FURIOSA_NUX(nux_session_option_destroy);
    FURIOSA_NUX(nux_session_create);
    FURIOSA_NUX(nux_session_get_model);
    FURIOSA_NUX(nux_session_run);
    FURIOSA_NUX(nux_session_destroy);
    FURIOSA_NUX(nux_async_session_create);
    FURIOSA_NUX(nux_async_session_run);
    FURIOSA_NUX(nux_async_session_get_model);
    FURIOSA_NUX(nux_async_session_destroy);
    FURIOSA_NUX(nux_completion_queue_next);
    FURIOSA_NUX(nux_completion_queue_next_timeout);
    FURIOSA_NUX(nux_completion_queue_destroy);
    FURIOSA_NUX(nux_input_num);
    FURIOSA_NUX(nux_output_num);
    FURIOSA_NUX(nux_input_desc);
    FURIOSA_NUX(nux_output_desc);
    FURIOSA_NUX(nux_tensor_name);
    FURIOSA_NUX(nux_string_destroy);
    FURIOSA_NUX(nux_tensor_dim_num);
    FURIOSA_NUX(nux_tensor_dim);
    FURIOSA_NUX(nux_tensor_stride);
    FURIOSA_NUX(nux_tensor_axis);
    FURIOSA_NUX(nux_tensor_dtype);
    FURIOSA_NUX(nux_tensor_len);
    FURIOSA_NUX(nux_tensor_size);
    FURIOSA_NUX(nux_tensor_quantization_parameter);
    FURIOSA_NUX(nux_tensor_array_allocate_inputs);
    FURIOSA_NUX(nux_tensor_array_allocate_outputs);
    FURIOSA_NUX(nux_tensor_array_create_inputs);
    FURIOSA_NUX(nux_tensor_array_create_outputs);
    FURIOSA_NUX(nux_tensor_array_get);
    FURIOSA_NUX(nux_tensor_array_len);
    FURIOSA_NUX(nux_tensor_array_destroy);
    FURIOSA_NUX(tensor_fill_buffer);
    FURIOSA_NUX(tensor_set_buffer);
    FURIOSA_NUX(tensor_get_buffer);
    FURIOSA_NUX(version);
    FURIOSA_NUX(git_short_hash);
    FURIOSA_NUX(build_timestamp);
    FURIOSA_NUX(enable_logging);

    FURIOSA_NUX(nux_stand_in_reset);
    FURIOSA_NUX(nux_stand_in_set_latency);
    FURIOSA_NUX(nux_stand_in_set_device_latency);
    FURIOSA_NUX(nux_stand_in_hold);
    FURIOSA_NUX(nux_stand_in_release);
    FURIOSA_NUX(nux_stand_in_hold_destruction);
    FURIOSA_NUX(nux_stand_in_let_go);
    FURIOSA_NUX(nux_stand_in_fail_next_run);
    FURIOSA_NUX(nux_stand_in_fail_next_creation);
    FURIOSA_NUX(nux_stand_in_terminate);
    FURIOSA_NUX(nux_stand_in_fall_silent);
    FURIOSA_NUX(nux_stand_in_is_taken);
    FURIOSA_NUX(nux_stand_in_set_ir_version);
    FURIOSA_NUX(nux_stand_in_set_devices);
    FURIOSA_NUX(nux_stand_in_last_options);
    FURIOSA_NUX(nux_stand_in_last_model);
    FURIOSA_NUX(nux_stand_in_options_alive);
    FURIOSA_NUX(nux_stand_in_sessions_alive);
    FURIOSA_NUX(nux_stand_in_queues_alive);
    FURIOSA_NUX(nux_stand_in_tensor_arrays_alive);
    FURIOSA_NUX(nux_stand_in_buffers_alive);
    FURIOSA_NUX(nux_stand_in_misuses);
    FURIOSA_NUX(nux_stand_in_runs_started);
    FURIOSA_NUX(nux_stand_in_device_runs_started);
    FURIOSA_NUX(nux_stand_in_wait_for_started);
#undef FURIOSA_NUX

private:
    NuxStandIn() = default;

    template <class Function>
    static Function find(const char* name)
    {
        static void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        void* const function = library ? dlsym(library, name) : nullptr;
        if (!function)
            throw std::runtime_error(std::string("no ") + name + " in " + path + ": " + dlerror());
        return reinterpret_cast<Function>(function);
    }
};

} // namespace furiosa::test
