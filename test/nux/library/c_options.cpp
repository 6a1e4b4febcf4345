#include "nux/nux.hpp"

#include "nux/library/compiler_config.hpp"
#include "nux/library/handles.hpp"
#include "nux/library/options.hpp"

using namespace furiosa::test::nux;

namespace {

void set(void* handle, unsigned long long Options::* option, unsigned long long value)
{
    if (const auto options = Handles<Options>::find(handle))
        (*options).*option = value;
}

} // namespace

void* nux_session_option_create()
{
    return value_or<void*>(nullptr, [] { return Handles<Options>::add(std::make_shared<Options>()); });
}

void nux_session_option_set_device(void* handle, const char* names)
{
    guarded([&] {
        require_pointers(names);
        Handles<Options>::require(handle)->devices = names;
    });
}

int nux_session_option_set_compiler_config(void* handle, const char* yaml)
{
    return guarded([&] {
        require_pointers(yaml);
        const auto options = Handles<Options>::require(handle, invalid_session_options);
        check_compiler_config(yaml);
        options->compiler_config = yaml;
    });
}

void nux_session_option_set_worker_num(void* handle, unsigned long long count)
{
    set(handle, &Options::worker_num, count);
}

void nux_session_option_set_batch_size(void* handle, unsigned long long size)
{
    set(handle, &Options::batch_size, size);
}

void nux_session_option_set_input_queue_size(void* handle, unsigned long long size)
{
    set(handle, &Options::input_queue_size, size);
}

void nux_session_option_set_output_queue_size(void* handle, unsigned long long size)
{
    set(handle, &Options::output_queue_size, size);
}

void nux_session_option_destroy(void* handle)
{
    Handles<Options>::take(handle);
}
