#include <furiosa/core/error.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/core/tensor_desc.hpp>
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

using namespace furiosa;

TEST_CASE("a tensor is aligned to a cache line and knows its size")
{
    Tensor tensor(DataType::float32, {2, 3, 5});
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.data()) % Tensor::alignment == 0);
    CHECK(tensor.size_in_bytes() == 120);
    CHECK(tensor.as<float>().size() == 30);
}

TEST_CASE("a tensor is a value: copies are apart, a moved-from tensor is empty")
{
    std::vector<float> elements(6);
    std::iota(elements.begin(), elements.end(), 0.f);
    auto a = Tensor::of<float>({2, 3}, elements);
    auto b = a;
    b.as<float>()[0] = 42;
    CHECK(a.as<float>()[0] == 0);
    auto c = std::move(a);
    CHECK(c.as<float>()[5] == 5);
    CHECK(a.empty());
    CHECK(a.shape().element_count() == 0);
}

TEST_CASE("elements are read as their own type only")
{
    const Tensor tensor(DataType::uint8, {4});
    CHECK_THROWS_ERRC(tensor.as<float>(), errc::wrong_data_type);
    std::vector<float> three(3);
    CHECK_THROWS_ERRC(Tensor::of<float>({2, 2}, three), errc::wrong_shape);
}

TEST_CASE("a scalar has one element, an extent of zero none")
{
    CHECK(Shape{}.element_count() == 1);
    CHECK(Shape{3, 0, 2}.element_count() == 0);
    CHECK(Tensor(DataType::int64, {}).size_in_bytes() == 8);
}

TEST_CASE("a shape refuses what would overflow")
{
    CHECK_THROWS_ERRC((Shape{-1}), errc::invalid_shape);
    CHECK_THROWS_ERRC((Shape{1ll << 40, 1ll << 40}), errc::invalid_shape);
    CHECK_THROWS_ERRC((Shape{0, 1ll << 40, 1ll << 40}), errc::invalid_shape);
    CHECK_THROWS_ERRC((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), errc::invalid_shape);
}

TEST_CASE("more memory than there is gives an error")
{
    CHECK_THROWS_ERRC(Tensor(DataType::float32, {1ll << 50}), errc::out_of_memory);
}

TEST_CASE("a description prints as a reader would write it")
{
    CHECK(to_string(TensorDesc{"image", DataType::float32, {1, 3, 224, 224}, "NCHW", {}}) ==
          "image: float32[1, 3, 224, 224] NCHW");
}

TEST_CASE("data types have their ONNX names")
{
    CHECK(to_string(DataType::boolean) == "bool");
    CHECK(parse_data_type("float16") == DataType::float16);
    CHECK_FALSE(parse_data_type("double"));
}
