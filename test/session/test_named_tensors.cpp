#include "session/session_fixture.hpp"
#include "support/throws_errc.hpp"

#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using test::random_images;

namespace {

Tensor one() { return Tensor(DataType::float32, {1}); }

struct Fixture : test::SessionFixture
{
    void refuse(NamedTensors inputs, errc expected, const std::string& sentence)
    {
        try {
            run(session.run(std::move(inputs)));
            FAIL_CHECK("nothing was thrown");
        } catch (const Error& error) {
            CHECK(error.code() == expected);
            CHECK_THAT(error.what(), Catch::Contains(sentence) && Catch::Contains("digits.onnx"));
        }
    }

    Session session = create(options());
};

} // namespace

TEST_CASE("named tensors are found by name, and the sentence lists the names there are")
{
    NamedTensors tensors{{"a", one()}, {"b", one()}};
    tensors.add("c", one());
    CHECK(tensors.size() == 3);
    CHECK(tensors.begin()->first == "a");
    CHECK(&tensors.at("b") == tensors.find("b"));
    CHECK(tensors.find("d") == nullptr);
    CHECK_THROWS_ERRC(tensors.add("a", one()), errc::wrong_tensor_name);
    CHECK_THROWS_WITH(tensors.at("d"), Catch::Contains("'d'") && Catch::Contains("'a', 'b', 'c'"));
}

TEST_CASE("a session runs by name, and answers by name")
{
    Fixture f;
    const auto image = random_images(1, 5);
    NamedTensors inputs;
    inputs.add("image", image);
    const auto outputs = f.run(f.session.run(std::move(inputs)));
    CHECK(outputs.size() == 1);
    const auto expected = f.answer(f.session, image);
    CHECK(std::ranges::equal(outputs.at("probabilities").as<float>(), expected[0].as<float>()));
}

TEST_CASE("wrong names are refused, and the sentence says which there are")
{
    Fixture f;
    f.refuse({}, errc::wrong_tensor_count, "expected the inputs 'image', got none: 'image' is missing");
    f.refuse({{"picture", random_images(1, 1)}}, errc::wrong_tensor_count, "expected the inputs 'image', got 'picture'");
    f.refuse({{"image", random_images(1, 1)}, {"mask", one()}}, errc::wrong_tensor_name,
             "no input 'mask': expected 'image'");
    f.refuse({{"image", one()}}, errc::wrong_shape, "expected float32[1, 1, 28, 28], got float32[1]");
}

TEST_CASE("the blocking session runs by name and by position, from and into the caller's memory")
{
    test::SessionFixture f;
    blocking::Session session(test::digits_onnx(), f.options());
    const auto image = random_images(1, 3);
    NamedTensors named;
    named.add("image", image);
    const auto answer = session.run(std::move(named));
    Tensor into(DataType::float32, {1, 10});
    const std::array<ConstTensorView, 1> inputs{image};
    const std::array<TensorView, 1> outputs{into};
    session.run(inputs, outputs);
    CHECK(std::ranges::equal(answer.at("probabilities").as<float>(), into.as<float>()));
}
