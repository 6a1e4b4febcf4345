#include "session/session_factory.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/device/devices.hpp>
#include <furiosa/session/create_session.hpp>
#include <furiosa/session/programs.hpp>

#include <boost/asio/this_coro.hpp>

namespace furiosa::session {

namespace asio = boost::asio;

namespace {

std::string name_of(const SessionSource& source)
{
    if (const auto* model = std::get_if<model::Model>(&source))
        return fmt::format("model '{}'", model->name());
    if (const auto* artifact = std::get_if<model::Artifact>(&source))
        return artifact->name();
    return std::get<std::filesystem::path>(source).native();
}

asio::awaitable<Session> create(SessionSource source, SessionOptions options, asio::any_io_executor caller)
{
    auto& context = detail::context_of(source, options);
    const auto config =
        options.device.empty() ? device::DeviceConfig::automatic() : device::DeviceConfig::parse(options.device);
    auto device = co_await context.offload([&] { return context.use<device::Devices>().open(config); });
    const auto target = device->target();
    auto program = co_await context.use<Programs>().get(source, target, options);
    co_return co_await SessionFactory::make(caller, std::move(device), std::move(program), name_of(source));
}

} // namespace

asio::awaitable<Session> SessionFactory::make(asio::any_io_executor caller, std::shared_ptr<device::Device> device,
                                              program::Program program, std::string name)
{
    auto state = std::unique_ptr<Session::State>(
        new Session::State{device::DeviceQueue(caller, std::move(device)), {}, program.inputs(), program.outputs(),
                           std::string(program.target()), std::move(name)});
    state->program = co_await state->queue.async_load(std::move(program), asio::use_awaitable);
    co_return Session(std::move(state));
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
