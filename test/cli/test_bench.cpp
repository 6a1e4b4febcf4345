#include "cli/inference_command_line.hpp"

#include <furiosa/store/digest.hpp>

namespace fs = std::filesystem;
using namespace furiosa;
using test::digits_model;
using test::has;

namespace {

struct Bench : test::InferenceCommandLine
{
    /// The document that `bench … --json` prints.
    simdjson::dom::element measure(const std::string& arguments)
    {
        const auto result = run("bench " + arguments + " --json");
        INFO(result.errors);
        REQUIRE(result.code == 0);
        text = result.out;
        return parser.parse(text);
    }

    std::string text;
    simdjson::dom::parser parser;
};

} // namespace

TEST_CASE("bench tells its figures as numbers")
{
    Bench line;
    const auto document = line.measure(digits_model + " -n 50 -b 2 -d 'cpu(1)*1'");
    CHECK(std::string_view(document["model"]["path"]) == digits_model);
    CHECK(std::string_view(document["model"]["sha256"]) ==
          store::digest_of(store::DigestAlgorithm::sha256, SharedBytes::map(digits_model)).hex());
    CHECK(std::string_view(document["device"]) == "cpu(1)*1");
    CHECK(document["lost_devices"].get_array().size() == 0);
    CHECK(document["compile_ms"].is_double());
    CHECK(double(document["create_ms"]) >= double(document["compile_ms"]));
    const auto result = document["result"];
    CHECK(std::string_view(result["mode"]) == "latency");
    CHECK(std::uint64_t(result["batch_size"]) == 2);
    CHECK(std::uint64_t(result["queries"]) == 50);
    CHECK(double(result["qps"]) > 0);
    double last = 0;
    for (const auto* figure : {"min", "p50", "p95", "p99", "p99_9", "max"}) {
        REQUIRE(result["latency_us"][figure].is_double());
        CHECK(double(result["latency_us"][figure]) >= last);
        last = result["latency_us"][figure];
    }
    CHECK(double(result["latency_us"]["mean"]) <= last);
}

TEST_CASE("bench compiles once, unless it is told not to look")
{
    Bench line;
    CHECK(double(line.measure(digits_model + " -n 1")["compile_ms"]) > 0);
    CHECK(double(line.measure(digits_model + " -n 1")["compile_ms"]) == 0);
    CHECK(double(line.measure(digits_model + " -n 1 --no-compile-cache")["compile_ms"]) > 0);
}

TEST_CASE("bench asks for throughput, for a time, of so many workers, and writes the JSON into a file too")
{
    Bench line;
    const auto result =
        line.run("bench " + digits_model + " --workload T --duration 0.05 -w 1 -o " + line.path("out.json"));
    INFO(result.errors);
    CHECK(result.code == 0);
    CHECK(has(result.out, "throughput: "));
    const simdjson::dom::element document = line.parser.load(line.path("out.json"));
    CHECK(std::string_view(document["result"]["mode"]) == "throughput");
    CHECK(std::string_view(document["device"]) == "cpu(1)*1");
    CHECK(std::uint64_t(document["result"]["queries"]) > 0);
}

TEST_CASE("bench writes a trace")
{
    Bench line;
    line.measure(digits_model + " -n 5 -T " + line.path("trace.json"));
    const simdjson::dom::element trace = line.parser.load(line.path("trace.json"));
    std::size_t runs = 0;
    for (const auto event : simdjson::dom::array(trace["traceEvents"]))
        runs += std::string_view(event["name"]) == "run";
    CHECK(runs >= 5);
}

TEST_CASE("bench takes programs, which have a batch size of their own")
{
    Bench line;
    line.compile_digits("-b 4");
    const auto program = line.path("digits.enf");
    const auto document = line.measure(program + " -n 3");
    CHECK(double(document["compile_ms"]) == 0);
    CHECK(std::uint64_t(document["result"]["batch_size"]) == 4);
    const auto wrong = line.run("bench " + program + " -b 2");
    CHECK(wrong.code == 2);
    CHECK(has(wrong.errors, "not compiled for batches of 2"));
}

TEST_CASE("bench refuses what makes no sense")
{
    Bench line;
    CHECK(line.run("bench").code == 2);
    CHECK(line.run("bench " + digits_model + " -n 0").code == 2);
    CHECK(line.run("bench " + digits_model + " --duration -1").code == 2);
    CHECK(line.run("bench " + digits_model + " --workload X").code == 2);
    CHECK(line.run("bench /no/such/file").code == 3);
    CHECK(line.run("bench " + digits_model + " -n 1 -T /no/such/folder/trace.json").code == 6);
}
