#pragma once

#include "session/digits_registry.hpp"

#include <furiosa/furiosa.hpp>

#include <random>

namespace furiosa::test {

inline Tensor random_images(std::int64_t count, unsigned seed)
{
    Tensor images(DataType::float32, {count, 1, 28, 28});
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> grey(0, 1);
    for (auto& pixel : images.as<float>())
        pixel = grey(random);
    return images;
}

/// A context with a store of its own, a loop, and sessions of the digit classifier.
struct SessionFixture
{
    SessionFixture() { context.emplace<store::Store>(store::StoreOptions{folder.path() / "store"}); }

    SessionOptions options(const std::string& device = "cpu(1)*2")
    {
        SessionOptions made(device);
        made.context = &context;
        made.compiler_config = "tune: false";
        return made;
    }

    Session create(SessionOptions with) { return run(create_session(digits_onnx(), std::move(with))); }

    template <class T>
    T run(boost::asio::awaitable<T> operation)
    {
        return run_until_complete(loop, std::move(operation));
    }

    std::vector<Tensor> answer(Session& session, Tensor image)
    {
        std::vector<Tensor> inputs;
        inputs.push_back(std::move(image));
        return run(session.run(std::move(inputs)));
    }

    TemporaryDirectory folder;
    Context context{1};
    boost::asio::io_context loop{1};
};

} // namespace furiosa::test
