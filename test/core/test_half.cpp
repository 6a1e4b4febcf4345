#include <furiosa/core/half.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace furiosa;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The float that follows, away from zero.
float after(float value)
{
    return std::nextafter(value, value < 0 ? -infinity : infinity);
}

} // namespace

static_assert(float_to_float16(1) == 0x3c00 && float16_to_float(0x3c00) == 1);
static_assert(float_to_bfloat16(1) == 0x3f80 && bfloat16_to_float(0x3f80) == 1);

TEST_CASE("every float16 and bfloat16 survives the way to float and back")
{
    for (std::uint32_t i = 0; i <= 0xffff; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        const bool nan16 = (bits & 0x7fff) > 0x7c00, nan_b16 = (bits & 0x7fff) > 0x7f80;
        REQUIRE(float_to_float16(float16_to_float(bits)) == (nan16 ? bits | 0x200 : bits));
        REQUIRE(float_to_bfloat16(bfloat16_to_float(bits)) == (nan_b16 ? bits | 0x40 : bits));
        REQUIRE(std::isnan(float16_to_float(bits)) == nan16);
    }
}

TEST_CASE("float16 has the values of IEEE 754")
{
    CHECK(float16_to_float(0x7bff) == 65504);
    CHECK(float16_to_float(0xc000) == -2);
    CHECK(float16_to_float(0x0400) == std::ldexp(1.f, -14));
    CHECK(float16_to_float(0x0001) == std::ldexp(1.f, -24));
    CHECK(float16_to_float(0x03ff) == std::ldexp(1023.f, -24));
    CHECK(float16_to_float(0x7c00) == infinity);
    CHECK(float16_to_float(0xfc00) == -infinity);
    CHECK(std::signbit(float16_to_float(0x8000)));
    CHECK(float_to_float16(0.1f) == 0x2e66);
}

TEST_CASE("a float between two float16 goes to the nearer, from the middle to the even one")
{
    const float step = std::ldexp(1.f, -10);
    CHECK(float_to_float16(1 + step / 2) == 0x3c00);
    CHECK(float_to_float16(after(1 + step / 2)) == 0x3c01);
    CHECK(float_to_float16(1 + 3 * step / 2) == 0x3c02);
    CHECK(float_to_float16(-1 - 3 * step / 2) == 0xbc02);
    CHECK(float_to_float16(2 - step / 4) == 0x4000); // the carry moves into the exponent

    SECTION("among the subnormals")
    {
        const float smallest = std::ldexp(1.f, -24);
        CHECK(float_to_float16(smallest / 2) == 0);
        CHECK(float_to_float16(after(smallest / 2)) == 1);
        CHECK(float_to_float16(smallest * 1.5f) == 2);
        CHECK(float_to_float16(smallest * 2.5f) == 2);
        CHECK(float_to_float16(smallest * 1023.5f) == 0x0400); // into the normal ones
        CHECK(float_to_float16(-smallest / 4) == 0x8000);
        CHECK(float_to_float16(std::numeric_limits<float>::denorm_min()) == 0);
    }
    SECTION("at the end of the range")
    {
        CHECK(float_to_float16(65504) == 0x7bff);
        CHECK(float_to_float16(std::nextafter(65520.f, 0.f)) == 0x7bff);
        CHECK(float_to_float16(65520) == 0x7c00);
        CHECK(float_to_float16(-1e30f) == 0xfc00);
        CHECK(float_to_float16(infinity) == 0x7c00);
    }
}

TEST_CASE("a float between two bfloat16 goes to the nearer, from the middle to the even one")
{
    const float step = std::ldexp(1.f, -7);
    CHECK(float_to_bfloat16(1 + step / 2) == 0x3f80);
    CHECK(float_to_bfloat16(after(1 + step / 2)) == 0x3f81);
    CHECK(float_to_bfloat16(1 + 3 * step / 2) == 0x3f82);
    CHECK(float_to_bfloat16(std::numeric_limits<float>::max()) == 0x7f80);
    CHECK(float_to_bfloat16(-infinity) == 0xff80);
    CHECK(float_to_bfloat16(std::numeric_limits<float>::denorm_min()) == 0);
}

TEST_CASE("NaN stays NaN, even if its payload is in the bits that are lost")
{
    const float nan = std::bit_cast<float>(0x7f800001u);
    CHECK(float_to_float16(nan) == 0x7e00);
    CHECK(float_to_bfloat16(nan) == 0x7fc0);
    CHECK(float_to_float16(std::bit_cast<float>(0xffffffffu)) == 0xffff);
    CHECK(float_to_bfloat16(std::bit_cast<float>(0xffffffffu)) == 0xffff);
}
