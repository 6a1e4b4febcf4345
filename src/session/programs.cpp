#include <furiosa/session/programs.hpp>

#include <furiosa/compiler/compile.hpp>
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
    if (auto* model = std::get_if<model::Model>(&source))
        co_return co_await from_model(*model, target, options);
    if (auto* artifact = std::get_if<model::Artifact>(&source))
        co_return co_await from_artifact(*artifact, target, options);
    if (auto* program = std::get_if<Program>(&source)) {
        program->require_target(target);
        require_batch_size(*program, options.batch_size);
        ++counters_.carried;
        co_return *program;
    }
    co_return co_await from_path(std::get<std::filesystem::path>(source), target, options);
}

asio::awaitable<Program> Programs::from_model(model::Model model, std::string target, SessionOptions options)
{
    // Programs are compiled for one batch size; those that models carry are for one.
    if (const auto program = model.find(ArtifactKind::enf, target); program && options.batch_size == 1)
        co_return co_await from_artifact(*program, target, options);
    co_return co_await from_artifact(model.source_artifact(), target, options);
}

asio::awaitable<Program> Programs::from_artifact(model::Artifact artifact, std::string target, SessionOptions options)
{
    auto bytes = co_await artifact.fetch();
    if (artifact.kind() == ArtifactKind::enf || artifact.kind() == ArtifactKind::dfg)
        co_return co_await open(std::move(bytes), artifact.name(), target, options.batch_size);
    co_return co_await compile(std::move(bytes), artifact.name(), to_string(artifact.digest()), target, options);
}

asio::awaitable<Program> Programs::from_path(std::filesystem::path path, std::string target, SessionOptions options)
{
    auto bytes = co_await context_.offload([&] { return SharedBytes::map(path); });
    const auto format = program::identify(bytes).format;
    if (format != FileFormat::onnx && format != FileFormat::unknown)
        co_return co_await open(std::move(bytes), path.native(), target, options.batch_size);
    const auto folder = path.parent_path().empty() ? std::filesystem::path(".") : path.parent_path();
    auto identity = co_await context_.offload([&] { return identity_of(bytes, folder); });
    co_return co_await compile(std::move(bytes), path.native(), std::move(identity), target, options, folder);
}

asio::awaitable<Program> Programs::open(SharedBytes bytes, std::string name, std::string target,
                                        std::int64_t batch_size)
{
    auto program = co_await context_.offload([&] {
        try {
            auto opened = Program::open(bytes);
            opened.require_target(target);
            require_batch_size(opened, batch_size);
            return opened;
        } catch (const Error& error) {
            throw error.within(name);
        }
    });
    ++counters_.carried;
    co_return std::move(program);
}

asio::awaitable<Program> Programs::compile(SharedBytes source, std::string name, std::string identity,
                                           std::string target, SessionOptions options,
                                           std::filesystem::path external_data)
{
    compiler::CompileOptions compile_options;
    compile_options.external_data = std::move(external_data);
    compile_options.batch_size = options.batch_size;
    compile_options.target = target;
    const auto key = fmt::format("{} {} {}", identity, compiler::compiler_version(), compiler::cache_key(compile_options));
    if (compilations_->under_way.is_in_flight(key))
        ++counters_.joined;
    // Named: g++ 12 destroys a lambda with captures twice when it is a temporary of a co_await.
    auto start = [this, source, name, key, compile_options, options] {
        return compile_once(source, name, key, compile_options, options.use_program_cache);
    };
    co_return co_await compilations_->under_way.join(key, std::move(start));
}

asio::awaitable<Program> Programs::compile_once(SharedBytes source, std::string name, std::string key,
                                                compiler::CompileOptions options, bool use_cache)
{
    co_return co_await context_.offload([&, this] {
        if (use_cache)
            if (auto cached = find_cached(key, options.target))
                return std::move(*cached);
        try {
            const auto begin = std::chrono::steady_clock::now();
            auto program = compiler::compile(source, options);
            ++counters_.compiled;
            const auto time = std::chrono::steady_clock::now() - begin;
            counters_.compile_microseconds += static_cast<std::uint64_t>(time / std::chrono::microseconds(1));
            if (use_cache)
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
