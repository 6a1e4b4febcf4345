#include "nux/nux.hpp"

#include "nux/library/async_session.hpp"
#include "nux/library/creation.hpp"
#include "nux/library/gate.hpp"

using namespace furiosa::test::nux;

int nux_async_session_create(const std::uint8_t* model, std::uintptr_t length, void* options_handle, void** session,
                             void** queue)
{
    return guarded([&] {
        const auto options = creation_options(options_handle);
        require_pointers(model, session, queue);
        const auto completions = std::make_shared<CompletionQueue>(options->output_queue_size);
        *session = Handles<AsyncSession>::add(
            std::make_shared<AsyncSession>(note_creation(*options, model, length), *options, completions));
        *queue = Handles<CompletionQueue>::add(completions);
    });
}

int nux_async_session_run(void* handle, void* context, void* inputs_handle)
{
    return guarded([&] {
        auto inputs = TensorArray::take(inputs_handle);
        const auto session = Handles<AsyncSession>::require(handle);
        if (!inputs)
            throw Failure{inputs_handle ? invalid_inputs : null_pointer};
        session->submit(context, std::move(inputs));
    });
}

void* nux_async_session_get_model(void* handle)
{
    const auto session = Handles<AsyncSession>::find(handle);
    return session ? session->session().model().get() : nullptr;
}

void nux_async_session_destroy(void* handle)
{
    if (const auto session = Handles<AsyncSession>::take(handle)) {
        Gate::instance().pass_to_destruction();
        session->close();
    }
}
