#include "session/session_factory.hpp"
#include "session/warboy_programs.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/program/file_format.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <vector>

// Sessions on devices whose runtime takes models as they are.

namespace furiosa::session {

namespace asio = boost::asio;
using device::ModelImage;
using program::FileFormat;
using registry::ArtifactKind;

namespace {

ModelImage image_of(SharedBytes bytes, std::string name, const device::Device& device, const SessionOptions& options)
{
    const auto file = program::identify(bytes);
    if (file.format == FileFormat::program || file.format == FileFormat::vendor_dfg)
        throw_error(errc::program_target_mismatch,
                    "{}: this is {}, which the NPU's runtime does not take: give the model's ENF, ONNX or TFLite", name,
                    program::describe(file));
    ModelImage image;
    image.bytes = std::move(bytes);
    image.name = std::move(name);
    image.batch_size = options.batch_size;
    const auto members = static_cast<unsigned>(device.members().size());
    image.worker_num = options.worker_num ? 1 + (options.worker_num - 1) / members : 1;
    image.compiler_config = options.compiler_config;
    return image;
}

/// The programs that a model carries for the device, if the options ask for no others; then what it was made from.
std::vector<model::Artifact> candidates(const model::Model& model, const device::Driver& driver,
                                        const SessionOptions& options)
{
    std::vector<model::Artifact> artifacts;
    if (options.batch_size == 1 && options.compiler_config.empty())
        artifacts = warboy_programs(model, driver.target(), driver.compiler_version());
    const bool has_source = model.find(ArtifactKind::onnx) || model.find(ArtifactKind::tflite);
    if (has_source || artifacts.empty())
        artifacts.push_back(model.source_artifact());
    return artifacts;
}

} // namespace

asio::awaitable<Session> SessionFactory::make_on_runtime(asio::any_io_executor caller,
                                                         std::shared_ptr<device::Device> device, SessionSource source,
                                                         std::string name, SessionOptions options)
{
    if (const auto* program = std::get_if<program::Program>(&source))
        throw_error(errc::program_target_mismatch,
                    "the program was compiled for {}, but device '{}' is for {}: give the model's ENF, ONNX or TFLite",
                    program->target(), device->name(), device->target());
    auto& context = device->context();
    if (const auto* path = std::get_if<std::filesystem::path>(&source)) {
        auto bytes = co_await context.offload([&] { return SharedBytes::map(*path); });
        auto image = image_of(std::move(bytes), path->native(), *device, options);
        co_return co_await make(caller, std::move(device), std::move(image), std::move(name), options);
    }
    auto artifacts = std::holds_alternative<model::Artifact>(source)
                         ? std::vector{std::get<model::Artifact>(source)}
                         : candidates(std::get<model::Model>(source), *device->members().front().driver, options);
    for (std::size_t i = 0;; ++i) {
        auto bytes = co_await artifacts[i].fetch();
        try {
            auto image = image_of(std::move(bytes), artifacts[i].name(), *device, options);
            co_return co_await make(caller, device, std::move(image), name, options);
        } catch (const Error& error) {
            if (error.code() != errc::program_target_mismatch || i + 1 == artifacts.size())
                throw; // else: a program of another version than the runtime's, whose source is at hand
        }
    }
}

} // namespace furiosa::session
