#include "device/warboy/nux_library.hpp"

#include <furiosa/core/error.hpp>

#include <dlfcn.h>
#include <fmt/format.h>
#include <memory>

namespace furiosa::device::warboy {

namespace {

template <class Function>
void bind(void* library, const std::string& path, const char* name, Function*& function)
{
    void* const found = ::dlsym(library, name);
    if (!found)
        throw_error(errc::not_supported,
                    "'{}' lacks the function {}: it is no NPU runtime, or one of another version. Install a current "
                    "furiosa-libnux",
                    path, name);
    function = reinterpret_cast<Function*>(found);
}

Nux bind_all(void* library, const std::string& path)
{
    Nux nux;
#define FURIOSA_BIND(name) bind(library, path, #name, nux.name)
    FURIOSA_BIND(nux_session_option_create);
    FURIOSA_BIND(nux_session_option_set_device);
    FURIOSA_BIND(nux_session_option_set_compiler_config);
    FURIOSA_BIND(nux_session_option_set_worker_num);
    FURIOSA_BIND(nux_session_option_set_batch_size);
    FURIOSA_BIND(nux_session_option_set_input_queue_size);
    FURIOSA_BIND(nux_session_option_set_output_queue_size);
    FURIOSA_BIND(nux_session_option_destroy);
    FURIOSA_BIND(nux_async_session_create);
    FURIOSA_BIND(nux_async_session_run);
    FURIOSA_BIND(nux_async_session_get_model);
    FURIOSA_BIND(nux_async_session_destroy);
    FURIOSA_BIND(nux_completion_queue_next);
    FURIOSA_BIND(nux_completion_queue_destroy);
    FURIOSA_BIND(nux_input_num);
    FURIOSA_BIND(nux_output_num);
    FURIOSA_BIND(nux_input_desc);
    FURIOSA_BIND(nux_output_desc);
    FURIOSA_BIND(nux_tensor_name);
    FURIOSA_BIND(nux_string_destroy);
    FURIOSA_BIND(nux_tensor_dim_num);
    FURIOSA_BIND(nux_tensor_dim);
    FURIOSA_BIND(nux_tensor_axis);
    FURIOSA_BIND(nux_tensor_dtype);
    FURIOSA_BIND(nux_tensor_size);
    FURIOSA_BIND(nux_tensor_quantization_parameter);
    FURIOSA_BIND(nux_tensor_array_create_inputs);
    FURIOSA_BIND(nux_tensor_array_get);
    FURIOSA_BIND(nux_tensor_array_len);
    FURIOSA_BIND(nux_tensor_array_destroy);
    FURIOSA_BIND(tensor_set_buffer);
    FURIOSA_BIND(tensor_get_buffer);
    FURIOSA_BIND(version);
    FURIOSA_BIND(git_short_hash);
#undef FURIOSA_BIND
    return nux;
}

std::string version_of_compiler(const Nux& nux)
{
    const char* const version = nux.version();
    const char* const commit = nux.git_short_hash();
    return fmt::format("{}_{}", version ? version : "", commit ? commit : "");
}

} // namespace

NuxLibrary::NuxLibrary(const Nux& functions)
    : functions_(functions), compiler_version_(version_of_compiler(functions))
{
}

std::shared_ptr<const NuxLibrary> NuxLibrary::open(const std::string& path)
{
    // Not to be unmapped: nobody says that none of its threads outlives its sessions.
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        const char* const reason = ::dlerror();
        throw_error(errc::not_supported,
                    "the NPU's runtime '{}' cannot be loaded: {}. The package furiosa-libnux brings it; where it is "
                    "elsewhere, build with FURIOSA_NUX_LIBRARY",
                    path, reason ? reason : "no reason was given");
    }
    return std::shared_ptr<const NuxLibrary>(new NuxLibrary(bind_all(handle, path)));
}

} // namespace furiosa::device::warboy
