#include "session/profiler.hpp"
#include "session/session_fixture.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>
#include <simdjson.h>

#include <cstdlib>
#include <map>
#include <optional>

using namespace furiosa;
using device::OperatorSpan;
using session::Profiler;
using test::random_images;

namespace {

/// The complete events of a trace, by their category, and how many processes and threads it names.
struct Trace
{
    explicit Trace(const std::filesystem::path& file)
    {
        simdjson::dom::parser parser;
        const simdjson::dom::element document = parser.load(file.native());
        dropped = std::uint64_t(document["otherData"]["dropped_spans"]);
        for (const auto event : simdjson::dom::array(document["traceEvents"])) {
            if (std::string_view(event["ph"]) != "X") {
                names.emplace_back(std::string_view(event["args"]["name"]));
                continue;
            }
            malformed += double(event["ts"]) < 0 || double(event["dur"]) < 0;
            malformed += std::uint64_t(event["pid"]) == 0 || std::uint64_t(event["tid"]) == 0;
            ++by_kind[std::string(std::string_view(event["cat"]))];
            events.emplace_back(std::string_view(event["name"]));
        }
        CHECK(malformed == 0);
    }

    std::map<std::string, int> by_kind;
    std::vector<std::string> events;
    std::vector<std::string> names;
    std::uint64_t dropped = 0;
    int malformed = 0;
};

/// A fixture whose context, and with it all that is written, can be ended.
struct Fixture
{
    SessionOptions options()
    {
        auto made = sessions->options("cpu(1)*1");
        made.profiler_output = file;
        return made;
    }

    test::TemporaryDirectory folder;
    std::filesystem::path file = folder.path() / "trace.json";
    std::optional<test::SessionFixture> sessions{std::in_place};
};

program::Program digits_program()
{
    return program::Program::open(test::compiled_digits());
}

} // namespace

TEST_CASE("a traced session tells each operator of each run")
{
    Fixture f;
    auto session = f.sessions->create(f.options());
    for (unsigned i = 0; i != 3; ++i)
        f.sessions->answer(session, random_images(1, i));
    session = {};
    f.sessions.reset();

    const Trace trace(f.file);
    const auto operators = digits_program().content().operators;
    CHECK(trace.by_kind.at("Run") == 3);
    CHECK(trace.events.size() == 3 * (1 + operators.size()));
    for (const auto& op : operators)
        CHECK(std::ranges::count(trace.events, op.name) >= 3);
    CHECK(std::ranges::count(trace.names, "element 0") == 1);
    CHECK_THAT(trace.names[0], Catch::Contains("digits.onnx"));
    CHECK(trace.dropped == 0);
}

TEST_CASE("sessions that name one file are traced together")
{
    Fixture f;
    for (unsigned i = 0; i != 2; ++i) {
        auto session = f.sessions->create(f.options());
        f.sessions->answer(session, random_images(1, i));
    }
    f.sessions.reset();
    CHECK(Trace(f.file).by_kind.at("Run") == 2);
}

TEST_CASE("the environment names the file too, and without either none is written")
{
    Fixture f;
    auto options = f.options();
    options.profiler_output.clear();
    auto session = f.sessions->create(options);
    f.sessions->answer(session, random_images(1, 1));
    session = {};
    CHECK_FALSE(std::filesystem::exists(f.file));

    ::setenv("FURIOSA_PROFILER_OUTPUT_PATH", f.file.c_str(), 1);
    session = f.sessions->create(options);
    ::unsetenv("FURIOSA_PROFILER_OUTPUT_PATH");
    f.sessions->answer(session, random_images(1, 1));
    session = {};
    f.sessions.reset();
    CHECK(Trace(f.file).by_kind.at("Run") == 1);
}

TEST_CASE("a trace that cannot be written is refused when the session is made")
{
    Fixture f;
    auto options = f.options();
    options.profiler_output = f.folder.path() / "no/such/folder/trace.json";
    CHECK_THROWS_ERRC(f.sessions->create(options), errc::io_error);
}

TEST_CASE("hostile names do not break the trace")
{
    Fixture f;
    const std::string hostile = "\"}], \\ \n \xff \x01 </script>";
    {
        auto content = digits_program().content();
        content.operators[0].name = hostile;
        const auto program = program::Program::open(program::serialize(content));
        auto profiler = std::make_shared<Profiler>(f.sessions->context, f.file);
        const auto trace = profiler->add_session(hostile, program);
        const auto now = OperatorSpan::Clock::now();
        const std::array<OperatorSpan, 1> spans{OperatorSpan{0, now, now + std::chrono::microseconds(5)}};
        trace->record(3, spans);
    }
    f.sessions.reset();
    const Trace trace(f.file);
    CHECK_THAT(trace.events[1], Catch::StartsWith("\"}], \\ \n \xef\xbf\xbd \x01 </script>"));
    CHECK_THAT(trace.names[0], Catch::StartsWith("\"}], \\ \n"));
    CHECK(trace.names[1] == "element 3");
}

TEST_CASE("the memory of a trace is bounded: what comes later is counted, whole runs at a time")
{
    Fixture f;
    constexpr std::size_t length = 300;
    {
        auto profiler = std::make_shared<Profiler>(f.sessions->context, f.file, 1'000);
        const auto trace = profiler->add_session("digits", digits_program());
        const auto now = OperatorSpan::Clock::now();
        const std::vector<OperatorSpan> run(length, OperatorSpan{0, now, now});
        for (int i = 0; i != 5; ++i)
            trace->record(0, run);
    }
    f.sessions.reset();
    const Trace trace(f.file);
    CHECK(trace.by_kind.at("Run") == 3);
    CHECK(trace.events.size() == 3 * (length + 1));
    CHECK(trace.dropped == 2 * (length + 1));
}
