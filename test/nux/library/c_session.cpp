#include "nux/nux.hpp"

#include "nux/library/creation.hpp"
#include "nux/library/session.hpp"

using namespace furiosa::test::nux;

int nux_session_create(const std::uint8_t* model, std::uintptr_t length, void* options_handle, void** session)
{
    return guarded([&] {
        const auto options = creation_options(options_handle);
        require_pointers(model, session);
        *session = Handles<Session>::add(std::make_shared<Session>(note_creation(*options, model, length), *options, 1));
    });
}

void* nux_session_get_model(void* handle)
{
    const auto session = Handles<Session>::find(handle);
    return session ? session->model().get() : nullptr;
}

int nux_session_run(void* handle, void* inputs_handle, void* outputs_handle)
{
    int code = success;
    const int refused = guarded([&] {
        const auto session = Handles<Session>::require(handle);
        const auto inputs = Handles<TensorArray>::require(inputs_handle, invalid_inputs);
        const auto outputs = Handles<TensorArray>::require(outputs_handle, invalid_outputs);
        session->check_inputs(*inputs);
        session->check_outputs(*outputs);
        code = session->run(0, *inputs, *outputs);
    });
    return refused ? refused : code;
}

void nux_session_destroy(void* handle)
{
    if (const auto session = Handles<Session>::take(handle))
        session->close();
}
