#include "program/sample_program.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

using namespace furiosa;
using program::Program;

TEST_CASE("a program that was written is read as it was")
{
    const auto content = test::sample_content();
    const auto program = Program::open(program::serialize(content));
    const auto& read = program.content();
    CHECK(read.target == content.target);
    CHECK(read.arena_size == content.arena_size);
    CHECK(read.weights.text() == content.weights.text());
    CHECK(read.inputs == content.inputs);
    CHECK(read.outputs == content.outputs);
    REQUIRE(read.tensors.size() == content.tensors.size());
    for (std::size_t i = 0; i != content.tensors.size(); ++i) {
        CHECK(read.tensors[i].desc == content.tensors[i].desc);
        CHECK(read.tensors[i].location == content.tensors[i].location);
        CHECK(read.tensors[i].offset == content.tensors[i].offset);
        CHECK(read.tensors[i].size == content.tensors[i].size);
        CHECK(read.tensors[i].format == content.tensors[i].format);
    }
    REQUIRE(read.operators.size() == content.operators.size());
    for (std::size_t i = 0; i != content.operators.size(); ++i) {
        CHECK(read.operators[i].kind == content.operators[i].kind);
        CHECK(read.operators[i].name == content.operators[i].name);
        CHECK(read.operators[i].inputs == content.operators[i].inputs);
        CHECK(read.operators[i].outputs == content.operators[i].outputs);
        CHECK(read.operators[i].attributes == content.operators[i].attributes);
    }
    CHECK(program.inputs().at(0).name == "x");
    CHECK(program.outputs().at(0).name == "y");
}

TEST_CASE("the same content gives the same bytes, and weights lie where they can be used in place")
{
    const auto content = test::sample_content();
    const auto bytes = program::serialize(content);
    CHECK(bytes.text() == program::serialize(content).text());
    const auto program = Program::open(bytes);
    const auto* weights = program.content().weights.data();
    CHECK(weights >= bytes.data());
    CHECK(weights < bytes.data() + bytes.size());
    CHECK((weights - bytes.data()) % 64 == 0);
}

TEST_CASE("a program for another target is refused, and both targets are named")
{
    const auto program = Program::open(program::serialize(test::sample_content()));
    CHECK_NOTHROW(program.require_target("cpu-test"));
    try {
        program.require_target("cpu-avx2");
        FAIL("it was taken");
    } catch (const Error& error) {
        CHECK(error.code() == errc::program_target_mismatch);
        CHECK_THAT(error.what(), Catch::Contains("cpu-test") && Catch::Contains("cpu-avx2"));
    }
}
