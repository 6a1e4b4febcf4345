#include "session/profiler.hpp"

#include "core/json_writer.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <set>
#include <utility>

namespace furiosa::session {

namespace {

using Clock = device::OperatorSpan::Clock;

std::int64_t nanoseconds(Clock::duration duration)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

/// A file that is written from its beginning. Throws errc::io_error.
class OutputFile
{
public:
    explicit OutputFile(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "wbe"))
    {
        if (!file_)
            fail();
    }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile()
    {
        if (file_)
            std::fclose(file_);
    }

    void write(std::string_view text)
    {
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
            fail();
    }
    void close()
    {
        if (std::fclose(std::exchange(file_, nullptr)) != 0)
            fail();
    }

private:
    [[noreturn]] void fail() const
    {
        throw_error(errc::io_error, "the trace '{}' cannot be written: {}", path_.native(), std::strerror(errno));
    }

    const std::filesystem::path& path_;
    std::FILE* file_;
};

/// From 1 on: viewers take 0 for what is idle.
void write_place(JsonWriter& json, std::uint32_t process, std::uint32_t thread)
{
    json.field("pid", process + 1);
    json.field("tid", thread + 1);
}

/// Says what a process or thread of the trace is called.
void write_name(JsonWriter& json, const char* what, std::uint32_t process, std::uint32_t thread, std::string_view name)
{
    json.begin_object();
    json.field("name", what);
    json.field("ph", "M");
    write_place(json, process, thread);
    json.key("args");
    json.begin_object();
    json.field("name", name);
    json.end_object();
    json.end_object();
}

} // namespace

/// Holds the profiler, which writes when the session is gone and its last run with it.
class Profiler::SessionTrace final : public device::OperatorTrace
{
public:
    SessionTrace(std::shared_ptr<Profiler> profiler, std::uint32_t session)
        : profiler_(std::move(profiler)), session_(session)
    {
    }
    ~SessionTrace() override { profiler_->write_soon(); }

    void record(std::size_t element, std::span<const device::OperatorSpan> spans) noexcept override
    {
        profiler_->record(session_, element, spans);
    }

private:
    std::shared_ptr<Profiler> profiler_;
    const std::uint32_t session_;
};

Profiler::Profiler(Context& context, std::filesystem::path file, std::size_t max_spans)
    : context_(context), file_(std::move(file)), max_spans_(max_spans)
{
    write(file_, recording_);
}

Profiler::~Profiler()
{
    write_if_changed();
}

std::shared_ptr<device::OperatorTrace> Profiler::add_session(std::string model, const program::Program& program)
{
    auto names = std::make_shared<SessionNames>();
    names->model = std::move(model);
    for (const auto& op : program.content().operators)
        names->operators.push_back(OperatorName{op.name, op.kind});
    std::lock_guard lock(mutex_);
    recording_.sessions.push_back(std::move(names));
    const auto session = static_cast<std::uint32_t>(recording_.sessions.size() - 1);
    return std::make_shared<SessionTrace>(shared_from_this(), session);
}

/// Whole runs or nothing of them.
void Profiler::record(std::uint32_t session, std::size_t element,
                      std::span<const device::OperatorSpan> spans) noexcept
{
    if (spans.empty())
        return;
    std::lock_guard lock(mutex_);
    changed_ = true;
    const auto before = recording_.spans.size();
    try {
        if (spans.size() < max_spans_ - before)
            return append(session, static_cast<std::uint32_t>(element), spans);
    } catch (const std::bad_alloc&) {
        recording_.spans.resize(before);
    }
    recording_.dropped += spans.size() + 1;
}

void Profiler::append(std::uint32_t session, std::uint32_t element, std::span<const device::OperatorSpan> spans)
{
    const auto add = [&](std::uint32_t index, Clock::time_point begin, Clock::time_point end) {
        recording_.spans.push_back({nanoseconds(begin - epoch_), nanoseconds(end - begin), session, element, index});
    };
    add(whole_run, spans.front().begin, spans.back().end);
    for (const auto& span : spans)
        add(span.index, span.begin, span.end);
}

void Profiler::write_soon() noexcept
{
    try {
        auto write = [self = shared_from_this()] { self->write_if_changed(); };
        furiosa::detail::post_from_outside(context_.workers(), std::move(write));
    } catch (const std::exception&) {
        // no memory for it now: the destructor writes
    }
}

void Profiler::write_if_changed() noexcept
{
    try {
        std::lock_guard write_lock(write_mutex_);
        Recording copy; // elements that are at work do not wait for the file
        {
            std::lock_guard lock(mutex_);
            if (!std::exchange(changed_, false))
                return;
            copy = recording_;
        }
        write(file_, copy);
    } catch (const std::exception& error) {
        // There is nobody left to throw to, and who asked for a trace waits for it. Not by fmt::print, which throws
        // where it cannot write.
        std::fprintf(stderr, "furiosa: %s\n", error.what());
    }
}

void Profiler::write(const std::filesystem::path& file, const Recording& recording)
{
    OutputFile out(file);
    JsonWriter json;
    json.begin_object();
    json.field("displayTimeUnit", "ns");
    json.key("otherData");
    json.begin_object();
    json.field("dropped_spans", recording.dropped);
    json.end_object();
    json.key("traceEvents");
    json.begin_array();
    json.begin_line();
    std::set<std::pair<std::uint32_t, std::uint32_t>> elements;
    for (const auto& span : recording.spans)
        if (elements.emplace(span.session, span.element).second) {
            write_name(json, "process_name", span.session, span.element, recording.sessions[span.session]->model);
            write_name(json, "thread_name", span.session, span.element, fmt::format("element {}", span.element));
        }
    for (const auto& span : recording.spans) {
        const bool is_run = span.index == whole_run;
        const auto* op = is_run ? nullptr : &recording.sessions[span.session]->operators[span.index];
        json.begin_object();
        json.field("name", op ? std::string_view(op->name) : "run");
        json.field("cat", op ? to_string(op->kind) : "Run");
        json.field("ph", "X");
        write_place(json, span.session, span.element);
        json.field("ts", static_cast<double>(span.begin_ns) / 1e3);
        json.field("dur", static_cast<double>(span.duration_ns) / 1e3);
        json.end_object();
        out.write(json.take_piece());
    }
    json.end_line();
    json.end_array();
    json.end_object();
    out.write(json.take());
    out.close();
}

} // namespace furiosa::session
