#include "session/profilers.hpp"
#include "session/session_factory.hpp"
#include "session/warboy_programs.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/devices.hpp>
#include <furiosa/program/file_format.hpp>
#include <furiosa/session/create_session.hpp>
#include <furiosa/session/programs.hpp>

#include <boost/asio/this_coro.hpp>
#include <cstdlib>

namespace furiosa::session {

namespace asio = boost::asio;

namespace {

std::string name_of(const SessionSource& source)
{
    if (const auto* model = std::get_if<model::Model>(&source))
        return fmt::format("model '{}'", model->name());
    if (const auto* artifact = std::get_if<model::Artifact>(&source))
        return artifact->name();
    if (std::holds_alternative<program::Program>(source))
        return "the program";
    return std::get<std::filesystem::path>(source).native();
}

using registry::ArtifactKind;

bool is_for_npu(const model::Artifact& artifact)
{
    return artifact.kind() != ArtifactKind::enf || artifact.target().starts_with("warboy");
}

bool is_for_npu(const model::Model& model)
{
    return model.find(ArtifactKind::onnx) || model.find(ArtifactKind::tflite) ||
           !warboy_programs(model, "warboy").empty();
}

/// What has nothing but a program for the CPU is for that, whatever else there is.
asio::awaitable<bool> is_for_cpu_alone(Context& context, const SessionSource& source)
{
    if (const auto* const model = std::get_if<model::Model>(&source))
        co_return !is_for_npu(*model);
    if (const auto* const artifact = std::get_if<model::Artifact>(&source))
        co_return !is_for_npu(*artifact);
    const auto* const path = std::get_if<std::filesystem::path>(&source);
    if (!path)
        co_return true; // a Program
    auto identify = [path] { return program::identify(SharedBytes::map(*path)).format; };
    co_return co_await context.offload(std::move(identify)) == program::FileFormat::program;
}

asio::awaitable<Session> create(SessionSource source, SessionOptions options, asio::any_io_executor caller)
{
    auto& context = detail::context_of(source, options);
    auto config =
        options.device.empty() ? device::DeviceConfig::automatic() : device::DeviceConfig::parse(options.device);
    if (config.is_automatic() && co_await is_for_cpu_alone(context, source))
        config = config.with_family(device::DeviceFamily::cpu);
    if (options.worker_num != 0)
        config = config.with_open_count(options.worker_num);
    auto device = co_await context.offload([&] { return context.use<device::Devices>().open(config); });
    if (device->takes_models())
        co_return co_await SessionFactory::make_on_runtime(caller, std::move(device), source, name_of(source), options);
    const auto target = device->target();
    auto program = co_await context.use<Programs>().get(source, target, options);
    co_return co_await SessionFactory::make(caller, std::move(device), std::move(program), name_of(source), options);
}

/// The file of the trace, or nothing.
std::filesystem::path profiler_output(const SessionOptions& options)
{
    if (!options.profiler_output.empty())
        return options.profiler_output;
    const char* variable = std::getenv("FURIOSA_PROFILER_OUTPUT_PATH");
    return variable ? variable : "";
}

device::QueueLimits limits_of(const SessionOptions& options, const device::Device& device)
{
    device::QueueLimits limits;
    limits.places = options.input_queue_size;
    limits.results = options.output_queue_size;
    // With all elements at hand the device may keep runs ready for them; else these would take further elements.
    if (options.worker_num < device.element_count())
        limits.running = options.worker_num;
    return limits;
}

} // namespace

std::shared_ptr<Session::State> SessionFactory::make_state(const asio::any_io_executor& caller,
                                                           std::shared_ptr<device::Device> device, std::string name,
                                                           const SessionOptions& options)
{
    const auto limits = limits_of(options, *device);
    auto target = device->target();
    return std::shared_ptr<Session::State>(
        new Session::State{device::DeviceQueue(caller, std::move(device), limits), {}, {}, limits, nullptr,
                           std::move(target), std::move(name)});
}

asio::awaitable<Session> SessionFactory::make(asio::any_io_executor caller, std::shared_ptr<device::Device> device,
                                              program::Program program, std::string name, SessionOptions options)
{
    auto& context = device->context();
    const auto state = make_state(caller, std::move(device), std::move(name), options);
    state->source = program;
    std::shared_ptr<device::OperatorTrace> trace;
    if (const auto file = profiler_output(options); !file.empty()) {
        auto open = [&] { return context.use<Profilers>().open(file); };
        state->profiler = co_await context.offload(std::move(open));
        trace = state->profiler->add_session(state->model, program);
    }
    state->program = co_await state->queue.async_load(std::move(program), std::move(trace), asio::use_awaitable);
    co_return Session(state);
}

asio::awaitable<Session> SessionFactory::make(asio::any_io_executor caller, std::shared_ptr<device::Device> device,
                                              device::ModelImage image, std::string name, SessionOptions options)
{
    const auto state = make_state(caller, std::move(device), std::move(name), options);
    state->program = co_await state->queue.async_load(std::move(image), asio::use_awaitable);
    co_return Session(state);
}

namespace detail {

Context& context_of(const SessionSource& source, const SessionOptions& options)
{
    if (const auto* model = std::get_if<model::Model>(&source))
        return model->context();
    if (const auto* artifact = std::get_if<model::Artifact>(&source))
        return artifact->context();
    return options.context ? *options.context : Context::shared();
}

asio::awaitable<Session> do_create_session(SessionSource source, SessionOptions options, asio::any_io_executor caller)
{
    try {
        co_return co_await create(source, options, caller);
    } catch (const Error&) {
        throw;
    } catch (const boost::system::system_error& error) {
        const bool aborted = error.code() == asio::error::operation_aborted;
        throw Error(aborted ? make_error_code(errc::cancelled) : error.code(),
                    fmt::format("{}: creating the session {}", name_of(source),
                                aborted ? "was cancelled" : "failed: " + error.code().message()));
    }
}

} // namespace detail

asio::awaitable<Session> create_session(SessionSource source, SessionOptions options)
{
    co_return co_await async_create_session(co_await asio::this_coro::executor, std::move(source), std::move(options),
                                            asio::use_awaitable);
}

} // namespace furiosa::session
