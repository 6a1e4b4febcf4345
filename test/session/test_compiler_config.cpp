#include "session/session_fixture.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/session/programs.hpp>

using namespace furiosa;

namespace {

struct Fixture : test::SessionFixture
{
    using SessionFixture::create;
    Session create(SessionSource source, const std::string& config)
    {
        auto with = options("cpu(1)*1");
        with.compiler_config = config;
        return run(create_session(std::move(source), std::move(with)));
    }
    Model load(const std::string& name)
    {
        LoadOptions with(registry.uri());
        with.context = &context;
        return blocking::load_model(name, with);
    }
    const session::ProgramCounters& counters() { return context.use<session::Programs>().counters(); }

    test::DigitsRegistry registry;
};

} // namespace

TEST_CASE("programs are kept by what the compiler was told, however it was written")
{
    Fixture f;
    f.create(test::digits_onnx(), "tune: false");
    f.create(test::digits_onnx(), R"({"tune": false, "dimensions": {}})");
    CHECK(f.counters().compiled == 1);
    CHECK(f.counters().cached == 1);
    f.create(test::digits_onnx(), "{tune: false, dimensions: {height: 7}}");
    CHECK(f.counters().compiled == 2);
    f.create(test::digits_onnx(), "{tune: false, dimensions: {height: 8}}");
    CHECK(f.counters().compiled == 3);
}

TEST_CASE("a model that carries a program is compiled for a config that asks for something else")
{
    Fixture f;
    const auto model = f.load("carried");
    f.create(model, "tune: true"); // as programs are compiled unless something is said
    CHECK(f.counters().carried == 1);
    f.create(model, "tune: false");
    CHECK(f.counters().carried == 1);
    CHECK(f.counters().compiled == 1);
}

TEST_CASE("a bad compiler config is refused, also where nothing is to be compiled")
{
    Fixture f;
    const auto program = f.folder.write("digits.enf", test::compiled_digits().text());
    const std::string bad = "tunes: false";
    CHECK_THROWS_ERRC(f.create(test::digits_onnx(), bad), errc::invalid_compiler_config);
    CHECK_THROWS_ERRC(f.create(f.load("carried"), bad), errc::invalid_compiler_config);
    CHECK_THROWS_ERRC(f.create(program, bad), errc::invalid_compiler_config);
    CHECK_THROWS_ERRC(f.create(program::Program::open(test::compiled_digits()), bad), errc::invalid_compiler_config);
    f.create(program, "tune: false");
    CHECK(f.counters().carried == 1);
}
