#include <furiosa/session/programs.hpp>

#include <furiosa/compiler/compile.hpp>
#include <furiosa/compiler/compiler_config.hpp>
#include <furiosa/compiler/external_files.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/program/file_format.hpp>
#include <furiosa/store/single_flight.hpp>
#include <furiosa/store/store.hpp>

#include <chrono>

namespace furiosa::session {

namespace asio = boost::asio;
using program::FileFormat;
using program::Program;
using registry::ArtifactKind;

namespace {

std::string digest_text(const SharedBytes& bytes)
{
    return to_string(store::digest_of(store::DigestAlgorithm::sha256, bytes));
}

/// Of a model together with the files that hold its weights. One that cannot be read is for the compiler to report.
std::string identity_of(const SharedBytes& source, const std::filesystem::path& folder)
{
    auto identity = digest_text(source);
    for (const auto& file : compiler::external_files(source))
        try {
            identity += ' ' + digest_text(SharedBytes::map(folder / file));
        } catch (const Error&) {
            identity += " unreadable";
        }
    return identity;
}

} // namespace

struct Programs::Compilations
{
    store::SingleFlight<std::string, Program> under_way;
};

namespace {

/// Programs are for one batch size, which stands first in the shapes of their inputs.
void require_batch_size(const Program& program, std::int64_t batch_size)
{
    if (batch_size == 1)
        return; // nothing was asked for: whatever the program has
    for (const auto& input : program.inputs())
        if (input.shape.rank() == 0 || input.shape[0] != batch_size)
            throw_error(errc::invalid_argument,
                        "the program takes '{}' as {}: it was not compiled for batches of {}; compile the model anew",
                        input.name, to_string(input.shape), batch_size);
}

void require_use(const Program& program, const compiler::CompileOptions& options)
{
    program.require_target(options.target);
    require_batch_size(program, options.batch_size);
}

/// Whether nothing is asked for that a program which a model carries does not have.
bool are_defaults(const compiler::CompileOptions& options)
{
    compiler::CompileOptions defaults;
    defaults.target = options.target;
    return compiler::cache_key(options) == compiler::cache_key(defaults);
}

} // namespace

Programs::Programs(Context& context)
    : context_(context), compilations_(std::make_unique<Compilations>(
                             Compilations{store::SingleFlight<std::string, Program>(context.io_executor())}))
{
}

Programs::~Programs() = default;

void Programs::shutdown() noexcept
{
    compilations_->under_way.cancel_all();
}

asio::awaitable<Program> Programs::get(SessionSource source, std::string target, SessionOptions options)
{
    Request request;
    request.use_cache = options.use_program_cache;
    request.options.target = std::move(target);
    request.options.batch_size = options.batch_size;
    if (!options.compiler_config.empty())
        co_await context_.offload([&] { compiler::read_compiler_config(options.compiler_config, request.options); });
    if (auto* model = std::get_if<model::Model>(&source))
        co_return co_await from_model(*model, request);
    if (auto* artifact = std::get_if<model::Artifact>(&source))
        co_return co_await from_artifact(*artifact, request);
    if (auto* program = std::get_if<Program>(&source)) {
        require_use(*program, request.options);
        ++counters_.carried;
        co_return *program;
    }
    co_return co_await from_path(std::get<std::filesystem::path>(source), request);
}

asio::awaitable<Program> Programs::from_model(model::Model model, Request request)
{
    if (const auto program = model.find(ArtifactKind::enf, request.options.target);
        program && are_defaults(request.options))
        co_return co_await from_artifact(*program, request);
    co_return co_await from_artifact(model.source_artifact(), request);
}

asio::awaitable<Program> Programs::from_artifact(model::Artifact artifact, Request request)
{
    auto bytes = co_await artifact.fetch();
    if (artifact.kind() == ArtifactKind::enf || artifact.kind() == ArtifactKind::dfg)
        co_return co_await open(std::move(bytes), artifact.name(), request);
    co_return co_await compile(std::move(bytes), artifact.name(), to_string(artifact.digest()), request);
}

asio::awaitable<Program> Programs::from_path(std::filesystem::path path, Request request)
{
    auto bytes = co_await context_.offload([&] { return SharedBytes::map(path); });
    const auto format = program::identify(bytes).format;
    if (format != FileFormat::onnx && format != FileFormat::unknown)
        co_return co_await open(std::move(bytes), path.native(), request);
    request.options.external_data = path.parent_path().empty() ? std::filesystem::path(".") : path.parent_path();
    auto identity = co_await context_.offload([&] { return identity_of(bytes, request.options.external_data); });
    co_return co_await compile(std::move(bytes), path.native(), std::move(identity), request);
}

asio::awaitable<Program> Programs::open(SharedBytes bytes, std::string name, Request request)
{
    auto program = co_await context_.offload([&] {
        try {
            auto opened = Program::open(bytes);
            require_use(opened, request.options);
            return opened;
        } catch (const Error& error) {
            throw error.within(name);
        }
    });
    ++counters_.carried;
    co_return std::move(program);
}

asio::awaitable<Program> Programs::compile(SharedBytes source, std::string name, std::string identity, Request request)
{
    const auto key =
        fmt::format("{} {} {}", identity, compiler::compiler_version(), compiler::cache_key(request.options));
    if (compilations_->under_way.is_in_flight(key))
        ++counters_.joined;
    // Named: g++ 12 destroys a lambda with captures twice when it is a temporary of a co_await.
    auto start = [this, source, name, key, request] { return compile_once(source, name, key, request); };
    co_return co_await compilations_->under_way.join(key, std::move(start));
}

asio::awaitable<Program> Programs::compile_once(SharedBytes source, std::string name, std::string key, Request request)
{
    co_return co_await context_.offload([&, this] {
        if (request.use_cache)
            if (auto cached = find_cached(key, request.options.target))
                return std::move(*cached);
        try {
            const auto begin = std::chrono::steady_clock::now();
            auto program = compiler::compile(source, request.options);
            ++counters_.compiled;
            const auto time = std::chrono::steady_clock::now() - begin;
            counters_.compile_microseconds += static_cast<std::uint64_t>(time / std::chrono::microseconds(1));
            if (request.use_cache)
                keep(key, program);
            return program;
        } catch (const Error& error) {
            throw error.within(name);
        }
    });
}

std::optional<Program> Programs::find_cached(const std::string& key, const std::string& target)
{
    try {
        const auto bytes = context_.use<store::Store>().find_program(key);
        if (!bytes)
            return std::nullopt;
        auto program = Program::open(*bytes);
        program.require_target(target);
        ++counters_.cached;
        return program;
    } catch (const Error&) {
        return std::nullopt; // damaged or out of reach: compiled anew, and replaced
    }
}

void Programs::keep(const std::string& key, const Program& program)
{
    try {
        context_.use<store::Store>().put_program(key, program.bytes());
    } catch (const Error&) {
        ++counters_.not_kept; // the session works all the same; the next one compiles again
    }
}

} // namespace furiosa::session
