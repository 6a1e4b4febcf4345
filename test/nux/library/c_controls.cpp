#include "nux/nux_controls.hpp"

#include "nux/library/async_session.hpp"
#include "nux/library/cards.hpp"
#include "nux/library/creation.hpp"
#include "nux/library/gate.hpp"
#include "nux/library/load_program.hpp"

#include <algorithm>

using namespace furiosa::test::nux;

namespace {

bool uses(const Session& session, const Elements& elements)
{
    return std::ranges::any_of(session.elements(), [&](const Element& element) { return elements.contains(element); });
}

} // namespace

void nux_stand_in_reset()
{
    Gate::instance().reset();
    Cards::instance().reset();
    fail_next_creation(success);
    forget_creations();
    set_ir_version(nullptr);
    misuses = 0;
}

void nux_stand_in_set_latency(unsigned long long microseconds)
{
    Gate::instance().set_latency(microseconds);
}

int nux_stand_in_set_device_latency(const char* device, unsigned long long microseconds)
{
    return guarded([&] {
        require_pointers(device);
        Gate::instance().set_latency(Cards::instance().find(device), microseconds);
    });
}

void nux_stand_in_hold()
{
    Gate::instance().hold();
}

void nux_stand_in_release(std::uintptr_t count)
{
    Gate::instance().release(count);
}

void nux_stand_in_hold_destruction()
{
    Gate::instance().hold_destruction();
}

void nux_stand_in_let_go()
{
    Gate::instance().let_go();
}

void nux_stand_in_fail_next_run(int code)
{
    Gate::instance().fail_next(code);
}

void nux_stand_in_fail_next_creation(int code)
{
    fail_next_creation(code);
}

int nux_stand_in_terminate(const char* device)
{
    return guarded([&] {
        require_pointers(device);
        const auto elements = Cards::instance().find(device);
        for (const auto& session : Handles<Session>::all())
            if (uses(*session, elements))
                session->end();
        for (const auto& session : Handles<AsyncSession>::all())
            if (uses(session->session(), elements))
                session->end();
    });
}

int nux_stand_in_fall_silent(const char* device)
{
    return guarded([&] {
        require_pointers(device);
        const auto elements = Cards::instance().find(device);
        for (const auto& session : Handles<AsyncSession>::all())
            if (uses(session->session(), elements))
                session->fall_silent();
    });
}

bool nux_stand_in_is_taken(const char* device)
{
    return value_or(false, [&] { return Cards::instance().is_taken(device); });
}

void nux_stand_in_set_ir_version(const char* hexadecimal)
{
    set_ir_version(hexadecimal);
}

int nux_stand_in_set_devices(const char* names)
{
    return guarded([&] {
        require_pointers(names);
        Cards::instance().set_devices(names);
    });
}

const char* nux_stand_in_last_options()
{
    return last_creation().options.c_str();
}

std::uintptr_t nux_stand_in_last_model(const std::uint8_t** bytes)
{
    const auto& model = last_creation().model;
    *bytes = reinterpret_cast<const std::uint8_t*>(model.data());
    return model.size();
}

std::uintptr_t nux_stand_in_options_alive()
{
    return Options::alive();
}

std::uintptr_t nux_stand_in_sessions_alive()
{
    return Session::alive();
}

std::uintptr_t nux_stand_in_queues_alive()
{
    return CompletionQueue::alive();
}

std::uintptr_t nux_stand_in_tensor_arrays_alive()
{
    return TensorArray::alive();
}

std::uintptr_t nux_stand_in_buffers_alive()
{
    return Buffer::alive();
}

std::uintptr_t nux_stand_in_misuses()
{
    return misuses;
}

std::uintptr_t nux_stand_in_runs_started()
{
    return Gate::instance().started();
}

std::uintptr_t nux_stand_in_device_runs_started(const char* device)
{
    return value_or<std::uintptr_t>(0, [&] { return Gate::instance().started(Cards::instance().find(device)); });
}

void nux_stand_in_wait_for_started(std::uintptr_t count)
{
    Gate::instance().wait_for_started(count);
}
