#include "session/session_fixture.hpp"
#include "support/throws_errc.hpp"

#include <furiosa/compiler/import_onnx.hpp>
#include <furiosa/compiler/reference.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using test::random_images;

namespace {

struct Fixture : test::SessionFixture
{
    explicit Fixture(std::int64_t batch_size = 1, const std::string& device = "cpu(1)*2")
    {
        auto with = options(device);
        with.batch_size = batch_size;
        session = create(with);
    }

    std::vector<Tensor> answer(Tensor image) { return SessionFixture::answer(session, std::move(image)); }

    Session session;
};

void check_close(std::span<const float> got, std::span<const float> expected)
{
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i != got.size(); ++i)
        CHECK(got[i] == Approx(expected[i]).epsilon(1e-3).margin(1e-5));
}

} // namespace

TEST_CASE("a session answers as the reference does")
{
    const std::int64_t batch_size = GENERATE(1, 4);
    Fixture f(batch_size);
    compiler::ImportOptions options;
    options.batch_size = batch_size;
    const auto graph = compiler::import_onnx(SharedBytes::map(test::digits_onnx()), options);
    for (unsigned seed = 0; seed != 3; ++seed) {
        const auto images = random_images(batch_size, seed);
        const std::vector<ConstTensorView> inputs{images};
        const auto expected = compiler::evaluate(graph, inputs);
        const auto got = f.answer(images);
        REQUIRE(got.size() == 1);
        CHECK(got[0].shape() == Shape{batch_size, 10});
        check_close(got[0].as<float>(), expected[0].as<float>());
    }
}

TEST_CASE("elements of one thread and of two give the same answer")
{
    Fixture one(1, "cpu(1)*1");
    Fixture fused(1, "cpu(2)*1");
    const auto image = random_images(1, 7);
    const auto a = one.answer(image);
    const auto b = fused.answer(image);
    check_close(a[0].as<float>(), b[0].as<float>());
}

TEST_CASE("async_run answers into the caller's memory")
{
    Fixture f;
    const auto image = random_images(1, 1);
    Tensor answer(DataType::float32, {1, 10});
    const std::array<ConstTensorView, 1> inputs{image};
    const std::array<TensorView, 1> outputs{answer};
    auto done = f.session.async_run(inputs, outputs, asio::use_future);
    f.loop.restart();
    f.loop.run();
    CHECK_NOTHROW(done.get());
    check_close(answer.as<float>(), f.answer(image)[0].as<float>());
}

TEST_CASE("inputs and outputs are described with their names, types and shapes")
{
    Fixture f(2);
    REQUIRE(f.session.inputs().size() == 1);
    CHECK(f.session.inputs()[0].name == "image");
    CHECK(f.session.inputs()[0].data_type == DataType::float32);
    CHECK(f.session.inputs()[0].shape == Shape{2, 1, 28, 28});
    CHECK(f.session.outputs()[0].name == "probabilities");
    CHECK_THAT(f.session.summary(), Catch::Contains("cpu(1)*2") && Catch::Contains("image: float32[2, 1, 28, 28]"));
    CHECK_THAT(f.session.summary(), Catch::Contains("operators, weights of ") && Catch::Contains("an arena of "));
}

TEST_CASE("wrong tensors are refused, the sentence says what was expected and what was got")
{
    Fixture f;
    const auto refuse = [&](std::vector<Tensor> inputs, errc expected, const std::string& sentence) {
        try {
            f.run(f.session.run(std::move(inputs)));
            FAIL_CHECK("nothing was thrown");
        } catch (const Error& error) {
            CHECK(error.code() == expected);
            CHECK_THAT(error.what(), Catch::Contains(sentence) && Catch::Contains("digits.onnx"));
        }
    };
    refuse({}, errc::wrong_tensor_count, "expected 1 input tensor, got 0");
    std::vector<Tensor> wrong_shape;
    wrong_shape.emplace_back(DataType::float32, Shape{1, 28, 28});
    refuse(std::move(wrong_shape), errc::wrong_shape, "expected float32[1, 1, 28, 28], got float32[1, 28, 28]");
    std::vector<Tensor> wrong_type;
    wrong_type.emplace_back(DataType::uint8, Shape{1, 1, 28, 28});
    refuse(std::move(wrong_type), errc::wrong_data_type, "'image': expected float32[1, 1, 28, 28], got uint8[1, 1, 28, 28]");
}

TEST_CASE("a closed session ends its runs with session_closed, also those that come later")
{
    Fixture f;
    const auto image = random_images(1, 1);
    constexpr std::size_t count = 64;
    std::vector<Tensor> answers;
    for (std::size_t i = 0; i != count; ++i)
        answers.emplace_back(DataType::float32, Shape{1, 10});
    std::size_t completions = 0;
    std::size_t closed = 0;
    const std::array<ConstTensorView, 1> inputs{image};
    const auto submit = [&](Tensor& answer) {
        const std::array<TensorView, 1> outputs{answer};
        f.session.async_run(inputs, outputs, [&](std::exception_ptr failure) {
            ++completions;
            closed += code_of(failure) == errc::session_closed;
        });
    };
    for (auto& answer : answers)
        submit(answer);
    f.session.close();
    submit(answers[0]);
    f.loop.restart();
    f.loop.run();
    CHECK(completions == count + 1);
    CHECK(closed != 0);
    CHECK_THROWS_ERRC(f.answer(image), errc::session_closed);
}

TEST_CASE("the destruction of a session completes everything exactly once")
{
    Fixture f;
    const auto image = random_images(1, 1);
    std::vector<Tensor> answers;
    for (std::size_t i = 0; i != 32; ++i)
        answers.emplace_back(DataType::float32, Shape{1, 10});
    std::vector<int> completions(answers.size());
    const std::array<ConstTensorView, 1> inputs{image};
    for (std::size_t i = 0; i != answers.size(); ++i) {
        const std::array<TensorView, 1> outputs{answers[i]};
        f.session.async_run(inputs, outputs, [&completions, i](std::exception_ptr) { ++completions[i]; });
    }
    f.session = {};
    f.loop.restart();
    f.loop.run();
    CHECK(completions == std::vector<int>(answers.size(), 1));
}

TEST_CASE("a run can be cancelled")
{
    Fixture f;
    auto one_by_one = f.options();
    one_by_one.output_queue_size = 1; // none begins before the loop has taken what the one before it gave
    f.session = f.create(one_by_one);
    const auto image = random_images(1, 1);
    std::vector<Tensor> answers;
    for (std::size_t i = 0; i != 16; ++i)
        answers.emplace_back(DataType::float32, Shape{1, 10});
    const std::array<ConstTensorView, 1> inputs{image};
    asio::cancellation_signal stop;
    boost::system::error_code last;
    std::size_t completions = 0;
    for (std::size_t i = 0; i != answers.size(); ++i) {
        const std::array<TensorView, 1> outputs{answers[i]};
        if (i + 1 != answers.size())
            f.session.async_run(inputs, outputs, [&](std::exception_ptr) { ++completions; });
        else
            f.session.async_run(inputs, outputs, asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) {
                                    ++completions;
                                    last = code_of(failure);
                                }));
    }
    stop.emit(asio::cancellation_type::total);
    f.loop.restart();
    f.loop.run();
    CHECK(completions == answers.size());
    CHECK(last == errc::cancelled); // behind fifteen others it had not begun
}

namespace {

asio::awaitable<void> ask_many_times(Session& session, int times, int& wrong)
{
    for (int i = 0; i != times; ++i) {
        std::vector<Tensor> inputs;
        inputs.push_back(random_images(1, static_cast<unsigned>(i)));
        const auto first = co_await session.run(std::move(inputs));
        std::vector<Tensor> again;
        again.push_back(random_images(1, static_cast<unsigned>(i)));
        const auto second = co_await session.run(std::move(again));
        wrong += !std::ranges::equal(first[0].as<float>(), second[0].as<float>());
    }
}

} // namespace

TEST_CASE("many coroutines may run one session at once, each with its own answer")
{
    Fixture f;
    int wrong = 0;
    int ended = 0;
    for (int i = 0; i != 32; ++i)
        asio::co_spawn(f.loop, ask_many_times(f.session, 10, wrong), [&](std::exception_ptr failure) {
            CHECK_FALSE(failure);
            ++ended;
        });
    f.loop.restart();
    f.loop.run();
    CHECK(ended == 32);
    CHECK(wrong == 0);
}

TEST_CASE("programs without a loop use the blocking session")
{
    test::SessionFixture f;
    blocking::Session session(test::digits_onnx(), f.options("cpu(1)*1"));
    std::vector<Tensor> inputs;
    inputs.push_back(random_images(1, 3));
    const auto outputs = session.run(std::move(inputs));
    float sum = 0;
    for (const float p : outputs[0].as<float>())
        sum += p;
    CHECK(sum == Approx(1));
}
