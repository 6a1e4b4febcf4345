#include "support/throws_errc.hpp"

#include <furiosa/compiler/compiler_config.hpp>

using namespace furiosa;
using compiler::CompileOptions;

namespace {

CompileOptions read(std::string_view text)
{
    CompileOptions options;
    compiler::read_compiler_config(text, options);
    return options;
}

void check_refused(std::string_view text, const std::string& sentence)
{
    INFO(text.substr(0, 200));
    try {
        read(text);
        FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == errc::invalid_compiler_config);
        CHECK_THAT(error.what(), Catch::Contains(sentence));
    }
}

std::string repeated(std::string_view piece, int times)
{
    std::string text;
    for (int i = 0; i != times; ++i)
        text += piece;
    return text;
}

} // namespace

TEST_CASE("a compiler config is YAML or JSON")
{
    const std::map<std::string, std::int64_t> dimensions{{"height", 224}, {"time steps", 16}};
    const auto yaml = read("# for cameras\ntune: false\ndimensions:\n  height: 224\n  'time steps': 16\n");
    CHECK_FALSE(yaml.tune);
    CHECK(yaml.dimensions == dimensions);
    const auto json = read(R"({"tune": false, "dimensions": {"height": 224, "time steps": 16}})");
    CHECK_FALSE(json.tune);
    CHECK(json.dimensions == dimensions);
    CHECK(read("tune: true").tune);
}

TEST_CASE("a compiler config without a word changes nothing")
{
    const auto* text = GENERATE("", "\n", "# nothing\n", "null", "~", "---\n", "{}", "{dimensions: {}}");
    INFO(text);
    CompileOptions options;
    options.tune = false;
    options.dimensions = {{"width", 3}};
    compiler::read_compiler_config(text, options);
    CHECK_FALSE(options.tune);
    CHECK(options.dimensions == std::map<std::string, std::int64_t>{{"width", 3}});
}

TEST_CASE("what a compiler config may not say is refused where it stands")
{
    check_refused("tune: false\nbatch: 3", "line 2, column 1: 'batch' is not known: the keys are tune and dimensions");
    check_refused("tune: no", "line 1, column 7: tune is neither true nor false");
    check_refused("tune: \"true\"", "tune is neither true nor false");
    check_refused("tune: !!bool true", "tune is neither true nor false");
    check_refused("tune: [true]", "tune is neither true nor false");
    check_refused("tune:", "tune is neither true nor false");
    check_refused("tune: true\ntune: true", "line 2, column 1: 'tune' is there twice");
    check_refused("dimensions: 224", "dimensions is not a map");
    check_refused("dimensions: {h: 1, h: 2}", "'h' is there twice");
    check_refused("dimensions: {[h]: 1}", "a key of dimensions is no name");
    for (const auto* size : {"0", "-1", "1.5", "1e3", "0x10", "'7'", "9223372036854775808", "", "{}", "[1]"})
        check_refused(fmt::format("dimensions: {{h: {}}}", size), "the size of dimension 'h' is not a whole number above 0");
    check_refused("[tune]", "the config is not a map");
    check_refused("true", "the config is not a map");
    check_refused("tune: true\n---\ntune: true", "a second document");
}

TEST_CASE("hostile compiler configs are refused")
{
    check_refused("dimensions: {", "is not YAML");
    check_refused("\ttune: true", "is not YAML");
    check_refused(std::string_view("tune: \0", 7), "is not YAML");
    check_refused("\xff\xfe\xff", "is not YAML");
    check_refused("{tune: &a true, dimensions: *a}", "dimensions is not a map");
    check_refused("dimensions: &d {h: *d}", "the size of dimension 'h'");
    check_refused("*a", "the config is not a map");
    check_refused(repeated("[", 60'000), "");
    check_refused("dimensions: " + repeated("{a: ", 15'000), "the size of dimension 'a'");
    check_refused(repeated("? ", 30'000), "");
    check_refused(repeated("- ", 30'000), "the config is not a map");
    check_refused("dimensions: {" + repeated("a,", 30'000) + "}", "the size of dimension 'a'");
    check_refused(repeated("#", 70'000), "at most 65536 are read");
}
