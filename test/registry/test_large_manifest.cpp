#include "support/temporary_directory.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/model.hpp>
#include <furiosa/registry/manifest.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <malloc.h>
#include <random>
#include <string>

using namespace furiosa;

namespace {

constexpr std::size_t large = 50'000'000;

/// The largest resident set so far, from the last reset on.
long peak_kib()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::stol(line.substr(6));
    return 0;
}

/// proc(5): 5 resets the peak to what is resident now.
long reset_peak()
{
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << '5';
    return peak_kib();
}

/// Calls `read`, says how much memory it took at its peak, and checks that this was no more than a multiple of the
/// text.
template <class Function>
void check_peak(const char* what, const std::string& text, Function read)
{
    const auto before = reset_peak();
    read();
    const auto grown = static_cast<double>(peak_kib() - before) * 1024;
    const auto size = static_cast<double>(text.size());
    if (text.size() >= large / 2)
        fmt::print("{} of {:.0f} MB: peak memory grew by {:.0f} MB, {:.1f} times the text\n", what, size / 1e6,
                   grown / 1e6, grown / size);
    std::fflush(stdout);
#ifndef FURIOSA_SANITIZED // whose allocator keeps what is freed
    // The parser needs 4 bytes for each structural character and 8 for each place on its tape, and there are the text,
    // what it grew into and the padded copy: where every character counts, that is sixteen times the text.
    constexpr double most_times_the_text = 16;
    constexpr double stacks_and_the_like = 16e6;
    CHECK(grown < most_times_the_text * size + stacks_and_the_like);
#endif
}

/// As many models as fit, each with all that a model of the examples' registry has.
std::string large_manifest()
{
    std::string text = R"({"format_version": 1, "models": [)";
    for (std::size_t i = 0; text.size() < large; ++i)
        text += fmt::format(
            R"({}{{"name": "net-{}", "format": "onnx", "family": "Net", "version": "1", "task": "image-classification",
               "metadata": {{"description": "{}"}}, "tags": {{"license": "Apache-2.0"}}, "labels": ["a", "b", "c"],
               "inputs": [{{"name": "x", "data_type": "float32", "shape": [1, 3, 224, 224]}}],
               "artifacts": [{{"kind": "onnx", "uri": "net-{}.onnx", "size": 1000, "sha256": "{:064x}"}}]}})",
            i == 0 ? "" : ",\n", i, std::string(300, 'd'), i, i);
    return text + "]}";
}

/// Characters in no order, each made of a random number; after a million they come again.
template <class Function>
std::string large_noise(Function character)
{
    std::mt19937_64 random(1);
    std::string some(1'000'000, '\0');
    for (auto& c : some)
        c = character(random());
    std::string text;
    while (text.size() < large)
        text += some;
    return text;
}

/// A registry in a folder, with that manifest.
std::vector<registry::ModelInfo> list(const test::TemporaryDirectory& folder)
{
    return blocking::list_models(LoadOptions(folder.path().native()));
}

void check_refused(const char* what, const std::string& text, errc expected)
{
    const test::TemporaryDirectory folder;
    folder.write("artifacts.json", text);
    const auto refuse = [&] {
        try {
            list(folder);
            FAIL_CHECK("it was accepted");
        } catch (const Error& error) {
            const std::string sentence = error.what();
            INFO(sentence.substr(0, 1000));
            CHECK(error.code() == expected);
            CHECK_THAT(sentence, Catch::Contains("artifacts.json"));
            CHECK(sentence.size() < 1000); // it quotes no megabytes
        }
    };
    check_peak(what, text, refuse);
}

} // namespace

TEST_CASE("a manifest of 50 MB is read, in memory that is a small multiple of it")
{
    const auto text = large_manifest();
    const test::TemporaryDirectory folder;
    folder.write("artifacts.json", text);
    std::size_t models = 0;
    check_peak("a manifest", text, [&] { models = list(folder).size(); });
    CHECK(models > 50'000);
}

TEST_CASE("50 MB that are no manifest are refused, in memory that is a small multiple of them")
{
    SECTION("bytes of any kind")
    {
        check_refused("noise", large_noise([](auto number) { return static_cast<char>(number); }), errc::malformed_manifest);
    }
    SECTION("punctuation of JSON in no order")
    {
        check_refused("punctuation", large_noise([](auto number) { return "[]{},:\"0"[number % 8]; }), errc::malformed_manifest);
    }
    SECTION("brackets that nobody closes")
    {
        check_refused("brackets", std::string(large, '['), errc::malformed_manifest);
    }
    SECTION("a string that nobody closes")
    {
        check_refused("a string", '"' + std::string(large, 's'), errc::malformed_manifest);
    }
    SECTION("a list of numbers")
    {
        std::string numbers = "[0";
        while (numbers.size() < large)
            numbers += ",1";
        check_refused("numbers", numbers + "]", errc::malformed_manifest);
    }
    SECTION("a good manifest that is cut off")
    {
        const auto whole = large_manifest();
        check_refused("half a manifest", whole.substr(0, whole.size() / 2), errc::malformed_manifest);
    }
    SECTION("a manifest with one model whose name is all of it")
    {
        check_refused("a name", R"({"format_version": 1, "models": [{"name": ")" + std::string(large, 'n') + R"("}]})",
                      errc::malformed_manifest);
    }
}

TEST_CASE("a manifest that is larger than any may be is refused before it is read whole")
{
    check_refused("too much", std::string(registry::max_manifest_size + 1, ' '), errc::body_too_large);
}

TEST_CASE("a manifest that is nested 10,000 deep is refused where it is read, too")
{
    const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
    check_refused("lists", deep, errc::malformed_manifest);
    check_refused("a field that is passed over", R"({"format_version": 1, "new": )" + deep + R"(, "models": []})",
                  errc::malformed_manifest);
    std::string objects;
    for (int i = 0; i != 10'000; ++i)
        objects += R"({"a":)";
    check_refused("objects", objects + "1" + std::string(10'000, '}'), errc::malformed_manifest);
}

TEST_CASE("a manifest that names a model twice is refused where it is read, too")
{
    check_refused("a double name",
                  R"({"format_version": 1,
                      "models": [{"name": "m", "artifacts": []}, {"name": "m", "artifacts": []}]})",
                  errc::malformed_manifest);
}
