#pragma once

#include "compiler/onnx_builder.hpp"
#include "nux/library/code.hpp"
#include "nux/nux_stand_in.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace furiosa::test {

/// A stand-in as if it had just been loaded; at the end nothing may be left in it, and no handle may have been misused.
class NuxFixture
{
public:
    NuxFixture() { nux.nux_stand_in_reset(); }
    ~NuxFixture()
    {
        CHECK(nux.nux_stand_in_options_alive() == 0);
        CHECK(nux.nux_stand_in_sessions_alive() == 0);
        CHECK(nux.nux_stand_in_queues_alive() == 0);
        CHECK(nux.nux_stand_in_tensor_arrays_alive() == 0);
        CHECK(nux.nux_stand_in_buffers_alive() == 0);
        CHECK(nux.nux_stand_in_misuses() == 0);
    }

    const NuxStandIn& nux = NuxStandIn::instance();

    struct Session
    {
        void* session = nullptr;
        void* queue = nullptr; ///< null if it runs on the calling thread
        void* model = nullptr;
    };

    struct Completion
    {
        bool got = false;
        std::uintptr_t context = 0;
        int code = 0;
        std::vector<float> values; ///< of the first output

        friend bool operator==(const Completion&, const Completion&) = default;
        friend std::ostream& operator<<(std::ostream& stream, const Completion& completion)
        {
            return stream << "got " << completion.got << ", context " << completion.context << ", code "
                          << completion.code << ", values "
                          << Catch::StringMaker<std::vector<float>>::convert(completion.values);
        }
    };

    /// y = x + x, four numbers.
    static std::string doubling()
    {
        return OnnxBuilder().input("x", {1, 4}).node("Add", {"x", "x"}, {"y"}).output("y").bytes();
    }

    int create(const std::string& onnx, void* options, Session& session)
    {
        const int code = nux.nux_session_create(bytes(onnx), onnx.size(), options, &session.session);
        session.model = session.session ? nux.nux_session_get_model(session.session) : nullptr;
        return code;
    }
    int create_async(const std::string& onnx, void* options, Session& session)
    {
        const int code =
            nux.nux_async_session_create(bytes(onnx), onnx.size(), options, &session.session, &session.queue);
        session.model = session.session ? nux.nux_async_session_get_model(session.session) : nullptr;
        return code;
    }
    /// Of the model that doubles.
    Session open(void* options)
    {
        Session session;
        REQUIRE(create(doubling(), options, session) == nux::success);
        return session;
    }
    Session open_async(void* options)
    {
        Session session;
        REQUIRE(create_async(doubling(), options, session) == nux::success);
        return session;
    }
    void close(const Session& session)
    {
        if (session.queue) {
            nux.nux_async_session_destroy(session.session);
            nux.nux_completion_queue_destroy(session.queue);
        } else {
            nux.nux_session_destroy(session.session);
        }
    }

    void* options(const char* device = nullptr)
    {
        void* const options = nux.nux_session_option_create();
        if (device)
            nux.nux_session_option_set_device(options, device);
        return options;
    }

    /// Inputs of four equal numbers.
    void* inputs(void* model, float value)
    {
        void* const array = nux.nux_tensor_array_allocate_inputs(model);
        std::vector<float> values(4, value);
        REQUIRE(nux.tensor_fill_buffer(nux.nux_tensor_array_get(array, 0), bytes(values), 16) == nux::success);
        return array;
    }
    int run(const Session& session, std::uintptr_t context, float value)
    {
        return nux.nux_async_session_run(session.session, reinterpret_cast<void*>(context),
                                         inputs(session.model, value));
    }
    std::vector<float> values(void* array)
    {
        std::uint8_t* data = nullptr;
        std::uintptr_t size = 0;
        REQUIRE(nux.tensor_get_buffer(nux.nux_tensor_array_get(array, 0), &data, &size) == nux::success);
        const auto* const first = reinterpret_cast<const float*>(data);
        return {first, first + size / sizeof(float)};
    }

    Completion next(const Session& session)
    {
        void* context = nullptr;
        void* outputs = nullptr;
        Completion completion;
        completion.got = nux.nux_completion_queue_next(session.queue, &context, &outputs, &completion.code);
        completion.context = reinterpret_cast<std::uintptr_t>(context);
        if (outputs) {
            completion.values = values(outputs);
            nux.nux_tensor_array_destroy(outputs);
        }
        return completion;
    }
    static Completion doubled(std::uintptr_t context, float value)
    {
        return {true, context, nux::success, std::vector<float>(4, 2 * value)};
    }
    static Completion failed(std::uintptr_t context, int code) { return {true, context, code, {}}; }
    static Completion ended() { return {false, 0, nux::session_terminated, {}}; }

    static const std::uint8_t* bytes(const std::string& text)
    {
        return reinterpret_cast<const std::uint8_t*>(text.data());
    }
    static std::uint8_t* bytes(std::vector<float>& values) { return reinterpret_cast<std::uint8_t*>(values.data()); }
};

} // namespace furiosa::test
