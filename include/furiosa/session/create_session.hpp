#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/session/session.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

namespace furiosa::session {

/// What a session is made from: a model, one of its artifacts, or a file (ONNX, or a compiled program).
using SessionSource = std::variant<model::Model, model::Artifact, std::filesystem::path>;

struct SessionOptions
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    SessionOptions() = default;
    SessionOptions(std::string device_config) : device(std::move(device_config)) {}

    /// In the vendor's notation, as "cpu(1)*2". Empty: $FURIOSA_DEVICES, else the CPU.
    std::string device;
    /// What the leading, symbolic dimension of an ONNX model is bound to.
    std::int64_t batch_size = 1;
    /// Look for, and keep, compiled programs in the store.
    bool use_program_cache = true;
    /// For a path; a model brings its own. Null: Context::shared().
    Context* context = nullptr;
};

namespace detail {

boost::asio::awaitable<Session> do_create_session(SessionSource source, SessionOptions options,
                                                  boost::asio::any_io_executor caller);
Context& context_of(const SessionSource& source, const SessionOptions& options);

} // namespace detail

/// Puts a model on a device: void(std::exception_ptr, Session).
///
/// A program that the model carries for this device is used as it is; else the one that was compiled before and is
/// in the store; else the ONNX is compiled, on a worker, and kept.
///
/// Executor
///   The handler, and those of the session without one of their own, run on `executor`.
/// Errors
///   An Error: what load_model reports, unsupported_operator (all of them, with node names), malformed_model,
///   dynamic_dimension, malformed_program, program_target_mismatch, program_version_mismatch, not_supported,
///   invalid_device_config, device_not_found, device_failed, file_not_found.
/// Cancellation
///   Any type. A compilation that has begun goes on to its end in the background.
template <class Token>
auto async_create_session(boost::asio::any_io_executor executor, SessionSource source, SessionOptions options,
                          Token&& token)
{
    auto& context = detail::context_of(source, options);
    return furiosa::detail::async_call<Session>(
        context.io_executor(), executor,
        [source = std::move(source), options = std::move(options), executor] {
            return detail::do_create_session(source, options, executor);
        },
        std::forward<Token>(token));
}

/// The same for a coroutine on any executor: returns the session, throws the Error.
boost::asio::awaitable<Session> create_session(SessionSource source, SessionOptions options = {});

} // namespace furiosa::session

namespace furiosa::blocking {

/// A session for programs without an event loop: each call blocks. One thread at a time.
class Session
{
public:
    Session(session::SessionSource source, session::SessionOptions options = {})
        : session_(run_until_complete(loop_, session::create_session(std::move(source), std::move(options))))
    {
    }

    const std::vector<TensorDesc>& inputs() const noexcept { return session_.inputs(); }
    const std::vector<TensorDesc>& outputs() const noexcept { return session_.outputs(); }
    std::vector<Tensor> run(std::vector<Tensor> inputs)
    {
        return run_until_complete(loop_, session_.run(std::move(inputs)));
    }
    void print_summary() const { session_.print_summary(); }

private:
    boost::asio::io_context loop_{1};
    session::Session session_;
};

} // namespace furiosa::blocking
