#pragma once

#include <furiosa/compiler/compile.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/model/artifact.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/program/program.hpp>
#include <furiosa/session/create_session.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace furiosa::session {

/// How sessions came by their programs, for tests and metrics.
struct ProgramCounters
{
    std::atomic<std::uint64_t> carried = 0;  ///< the model or the file was a program already
    std::atomic<std::uint64_t> cached = 0;   ///< compiled before, found in the store
    std::atomic<std::uint64_t> compiled = 0; ///< compiled now
    std::atomic<std::uint64_t> joined = 0;   ///< shared a compilation under way
    std::atomic<std::uint64_t> not_kept = 0; ///< compiled, but the store could not take it
    std::atomic<std::uint64_t> compile_microseconds = 0; ///< how long that took, all together
};

/// Finds or makes the program for a source and a target. Its coroutines are to be awaited on the I/O executor.
class Programs : public Context::Service
{
public:
    explicit Programs(Context& context);
    ~Programs() override;
    void shutdown() noexcept override;

    boost::asio::awaitable<program::Program> get(SessionSource source, std::string target, SessionOptions options);

    const ProgramCounters& counters() const noexcept { return counters_; }

private:
    struct Compilations;

    /// What the compiler is to do, if there is something to compile.
    struct Request
    {
        compiler::CompileOptions options;
        bool use_cache = true;
    };

    boost::asio::awaitable<program::Program> from_model(model::Model model, Request request);
    boost::asio::awaitable<program::Program> from_artifact(model::Artifact artifact, Request request);
    boost::asio::awaitable<program::Program> from_path(std::filesystem::path path, Request request);
    boost::asio::awaitable<program::Program> open(SharedBytes bytes, std::string name, Request request);
    /// `identity` names the source's bytes: their digest.
    boost::asio::awaitable<program::Program> compile(SharedBytes source, std::string name, std::string identity,
                                                     Request request);
    boost::asio::awaitable<program::Program> compile_once(SharedBytes source, std::string name, std::string key,
                                                          Request request);
    std::optional<program::Program> find_cached(const std::string& key, const std::string& target);
    void keep(const std::string& key, const program::Program& program);

    Context& context_;
    ProgramCounters counters_;
    std::unique_ptr<Compilations> compilations_;
};

} // namespace furiosa::session
