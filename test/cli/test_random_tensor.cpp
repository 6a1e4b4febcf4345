#include "cli/random_tensor.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace furiosa;
using cli::random_tensor;

TEST_CASE("the same seed gives the same tensor, another one another")
{
    for (const auto type : {DataType::float32, DataType::float16, DataType::bfloat16, DataType::uint8, DataType::int8,
                            DataType::int32, DataType::int64, DataType::boolean}) {
        const auto a = random_tensor(type, {64}, 1);
        const auto b = random_tensor(type, {64}, 1);
        const auto c = random_tensor(type, {64}, 2);
        CHECK(std::ranges::equal(a.view().bytes(), b.view().bytes()));
        CHECK_FALSE(std::ranges::equal(a.view().bytes(), c.view().bytes()));
    }
}

TEST_CASE("random elements are such as models can take")
{
    const auto floats = random_tensor(DataType::float32, {1000}, 1);
    for (const float element : floats.as<float>())
        CHECK((element >= 0 && element < 1));
    const auto indices = random_tensor(DataType::int64, {1000}, 1);
    for (const auto element : indices.as<std::int64_t>())
        CHECK((element == 0 || element == 1));
}
