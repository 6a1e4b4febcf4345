#pragma once

#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/program/program.hpp>
#include <furiosa/session/session.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

namespace furiosa::session {

/// What a session is made from: a model, one of its artifacts, a file (ONNX, or a compiled program), or a program.
using SessionSource = std::variant<model::Model, model::Artifact, std::filesystem::path, program::Program>;

struct SessionOptions
{
    // Not an aggregate: g++ 12 destroys one twice that is made with braces in the arguments of a co_await.
    SessionOptions() = default;
    SessionOptions(std::string device_config) : device(std::move(device_config)) {}

    /// In the vendor's notation, as "cpu(1)*2". Empty: DeviceConfig::automatic().
    std::string device;
    /// What the leading, symbolic dimension of an ONNX model is bound to. A program has its own: other than 1, it must
    /// be that.
    std::int64_t batch_size = 1;
    /// Processing elements that work for the session at once. Where `device` leaves their number open, as "cpu" does,
    /// so many are made; else it uses so many of those it names. 0: all there are. The NPU's runtime gets as many threads,
    /// shared out among its devices.
    unsigned worker_num = 0;
    /// Runs that the session takes in at once: those that wait for the device and those that it works on. Whoever
    /// comes later is suspended, first come, first served, and `Session::run` takes memory for outputs only when its
    /// turn has come. 0: no limit.
    std::size_t input_queue_size = 0;
    /// Runs that were begun and whose results were not taken by their handlers yet: when a loop does not keep up, the
    /// device begins no more for it. Includes those that the device works on. 0: no limit.
    std::size_t output_queue_size = 0;
    /// What the device's compiler is told, as YAML or JSON; for the CPU see compiler::read_compiler_config. It is
    /// checked also where nothing is compiled. A program that a model carries was compiled without one: the model is
    /// compiled anew for a config that asks for something else. A program by itself is used as it is.
    std::string compiler_config;
    /// Look for, and keep, compiled programs in the store.
    bool use_program_cache = true;
    /// Where to write when each operator ran, as a Chrome trace (chrome://tracing, Perfetto). Empty:
    /// $FURIOSA_PROFILER_OUTPUT_PATH; without either nothing is measured. Sessions of one file are traced together.
    /// NPUs tell nothing of that.
    /// It is written on a worker when a session closes, and when the Context goes. The first million spans are kept.
    std::filesystem::path profiler_output;
    /// For a path or a program; a model brings its own. Null: Context::shared().
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
///   An Error: what load_model reports, unknown_artifact (there is nothing to make a program of), invalid_argument (a
///   batch size that does not fit), invalid_shape, out_of_memory, unsupported_operator (all of them, with node names), malformed_model,
///   dynamic_dimension, malformed_program, program_target_mismatch, program_version_mismatch, not_supported,
///   invalid_device_config, invalid_compiler_config, device_not_found, device_busy, device_failed, file_not_found,
///   io_error (the trace's file).
/// Cancellation
///   Any type. A compilation for the CPU that has begun goes on to its end in the background. While a program is put on
///   the device, which on an NPU includes its compilation there, it has no effect.
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
    session::NamedTensors run(session::NamedTensors inputs)
    {
        return run_until_complete(loop_, session_.run(std::move(inputs)));
    }
    void run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs)
    {
        run_until_complete(loop_, session_.run(inputs, outputs));
    }
    void print_summary() const { session_.print_summary(); }

private:
    boost::asio::io_context loop_{1};
    session::Session session_;
};

} // namespace furiosa::blocking
