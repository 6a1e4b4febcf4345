#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/device/operator_trace.hpp>
#include <furiosa/program/program.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace furiosa::session {

/// Collects when the operators of sessions ran, and writes it as a Chrome trace (chrome://tracing, Perfetto): each
/// session is a process there, each processing element a thread.
///
/// It keeps the first `max_spans` spans, each 32 bytes, and the names of the operators; spans that come later are only
/// counted. Thread-safe.
class Profiler : public std::enable_shared_from_this<Profiler>
{
public:
    /// Begins the file, so that a place that cannot be written is told at once: throws errc::io_error.
    Profiler(Context& context, std::filesystem::path file, std::size_t max_spans = 1'000'000);
    Profiler(const Profiler&) = delete;
    Profiler& operator=(const Profiler&) = delete;
    /// Writes what was not written yet.
    ~Profiler();

    /// The trace of one session, which `model` is the name of.
    std::shared_ptr<device::OperatorTrace> add_session(std::string model, const program::Program& program);

    /// Writes the file on a worker, if there is something new.
    void write_soon() noexcept;

private:
    class SessionTrace;

    struct Span
    {
        std::int64_t begin_ns;
        std::int64_t duration_ns;
        std::uint32_t session;
        std::uint32_t element;
        std::uint32_t index; // of the operator, or `whole_run`
    };
    struct OperatorName
    {
        std::string name;
        program::OpKind kind;
    };
    struct SessionNames
    {
        std::string model;
        std::vector<OperatorName> operators;
    };
    struct Recording
    {
        std::vector<std::shared_ptr<const SessionNames>> sessions;
        std::vector<Span> spans;
        std::uint64_t dropped = 0;
    };

    static constexpr std::uint32_t whole_run = UINT32_MAX;

    void record(std::uint32_t session, std::size_t element, std::span<const device::OperatorSpan> spans) noexcept;
    void append(std::uint32_t session, std::uint32_t element, std::span<const device::OperatorSpan> spans);
    void write_if_changed() noexcept;
    static void write(const std::filesystem::path& file, const Recording& recording);

    Context& context_;
    const std::filesystem::path file_;
    const std::size_t max_spans_;
    const device::OperatorSpan::Clock::time_point epoch_ = device::OperatorSpan::Clock::now();
    std::mutex write_mutex_; // one writes at a time; taken first
    std::mutex mutex_;
    Recording recording_;
    bool changed_ = true;
};

} // namespace furiosa::session
