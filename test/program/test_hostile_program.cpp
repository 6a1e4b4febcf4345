#include "program/sample_program.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <random>

using namespace furiosa;
using program::Location;
using program::OpKind;
using program::Program;
using program::ProgramContent;

namespace {

/// Opens bytes that may be anything: either a program comes out or an Error of these three.
bool opens(std::string_view bytes)
{
    try {
        Program::open(SharedBytes::copy_of(bytes));
        return true;
    } catch (const Error& error) {
        const auto code = error.code();
        if (code != errc::malformed_program && code != errc::program_version_mismatch && code != errc::program_target_mismatch)
            FAIL("another error than promised: " << error.what());
        return false;
    }
}

std::string refusal(const std::function<void(ProgramContent&)>& damage)
{
    auto content = test::sample_content();
    damage(content);
    try {
        Program::open(program::serialize(content));
        FAIL_CHECK("it was opened");
        return "";
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == errc::malformed_program);
        return error.what();
    }
}

} // namespace

TEST_CASE("no beginning of a program file is a program")
{
    const auto bytes = program::serialize(test::sample_content());
    for (std::size_t size = 0; size != bytes.size(); ++size) {
        INFO(size);
        CHECK_FALSE(opens(bytes.text().substr(0, size)));
    }
}

TEST_CASE("whatever byte of a program file is changed, opening it gives a checked program or an Error")
{
    const auto bytes = program::serialize(test::sample_content());
    int refused = 0;
    for (std::size_t place = 0; place != bytes.size(); ++place)
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string changed(bytes.text());
            changed[place] = static_cast<char>(changed[place] ^ flip);
            refused += !opens(changed);
        }
    CHECK(refused > 0);
}

TEST_CASE("random damage in many places gives a checked program or an Error")
{
    const auto bytes = program::serialize(test::sample_content());
    std::mt19937 random(3);
    for (int round = 0; round != 20'000; ++round) {
        std::string changed(bytes.text());
        for (auto changes = 1 + random() % 8; changes != 0; --changes) {
            const auto place = random() % changed.size();
            changed[place] = static_cast<char>(random());
        }
        opens(changed);
    }
}

TEST_CASE("what lies outside of its room is refused")
{
    CHECK_THAT(refusal([](auto& c) { c.tensors[1].offset = 128; }), Catch::Contains("'w'") && Catch::Contains("weights"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[2].offset = 128; }), Catch::Contains("'sum'") && Catch::Contains("arena"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[2].offset = UINT64_MAX - 63; }), Catch::Contains("'sum'"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[2].offset = 4; }), Catch::Contains("aligned"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[2].size = 4; }), Catch::Contains("4 bytes"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[2].size = UINT64_MAX; }), Catch::Contains("'sum'"));
    CHECK_THAT(refusal([](auto& c) { c.arena_size = std::uint64_t{1} << 40; }), Catch::Contains("arena"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[0].offset = 1; }), Catch::Contains("input"));
    CHECK_THAT(refusal([](auto& c) { c.tensors[3].offset = 7; }), Catch::Contains("output"));
}

TEST_CASE("indices that lead nowhere are refused")
{
    refusal([](auto& c) { c.inputs = {17}; });
    refusal([](auto& c) { c.outputs = {17}; });
    refusal([](auto& c) { c.inputs = {2}; });
    CHECK_THAT(refusal([](auto& c) { c.operators[0].inputs[0] = 99; }), Catch::Contains("'plus'") && Catch::Contains("99"));
    CHECK_THAT(refusal([](auto& c) { c.operators[0].outputs[0] = 99; }), Catch::Contains("'plus'"));
}

TEST_CASE("an operator that reads what nobody wrote, or writes where it may only read, is refused")
{
    CHECK_THAT(refusal([](auto& c) { std::swap(c.operators[0], c.operators[1]); }), Catch::Contains("before it is written"));
    CHECK_THAT(refusal([](auto& c) { c.operators.pop_back(); }), Catch::Contains("never written"));
    CHECK_THAT(refusal([](auto& c) { c.operators[0].outputs = {1}; }), Catch::Contains("only read"));
    CHECK_THAT(refusal([](auto& c) { c.operators[0].outputs = {0}; }), Catch::Contains("only read"));
}

TEST_CASE("what lies in the gaps of a tensor counts as unwritten")
{
    const auto with_gaps = [](ProgramContent& content) {
        content.arena_size = 256;
        content.tensors[2].size = 128; // of which the shape takes 32
    };
    auto content = test::sample_content();
    with_gaps(content);
    CHECK(opens(program::serialize(content).text())); // the same tensor is read that was written

    const auto read_as_another = [&](ProgramContent& c) {
        with_gaps(c);
        c.tensors.push_back(c.tensors[2]);
        c.operators[1].inputs = {static_cast<program::TensorIndex>(c.tensors.size() - 1)};
    };
    CHECK_THAT(refusal([&](auto& c) { read_as_another(c), c.tensors.back().desc.shape = Shape{2, 16}; }),
               Catch::Contains("before it is written"));
    CHECK_THAT(refusal([&](auto& c) { read_as_another(c), c.tensors.back().format = "ba"; }),
               Catch::Contains("before it is written"));
    CHECK_THAT(refusal([&](auto& c) { read_as_another(c), c.tensors.back().desc.data_type = DataType::int8; }),
               Catch::Contains("before it is written"));
}

TEST_CASE("quantization parameters that do not go with their tensor are refused")
{
    refusal([](auto& c) { c.tensors[1].desc.quantization->axis = 5; });
    refusal([](auto& c) { c.tensors[1].desc.quantization->scales.pop_back(); });
    refusal([](auto& c) { c.tensors[1].desc.quantization->axis.reset(); });
}

TEST_CASE("a program of very many operators is checked quickly")
{
    auto content = test::sample_content();
    const auto last = content.operators.back();
    content.operators.pop_back();
    constexpr std::int64_t count = 50'000;
    content.arena_size = 64 * 2 * (count + 2);
    for (std::int64_t i = 0; i != count; ++i) {
        content.tensors.push_back(test::tensor("t", Location::arena, static_cast<std::uint64_t>(128 * (i + 1)), {2, 4}));
        content.operators.push_back({OpKind::relu, "r", {2}, {static_cast<program::TensorIndex>(content.tensors.size() - 1)}, {}});
    }
    content.operators.push_back(last);
    CHECK(opens(program::serialize(content).text()));
}
