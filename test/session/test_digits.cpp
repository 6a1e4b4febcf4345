#include "session/digits_registry.hpp"

#include <furiosa/furiosa.hpp>

#include <catch2/catch.hpp>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>

using namespace furiosa;

TEST_CASE("the digit classifier reads at least eight of ten real handwritten digits")
{
    const std::string strip = FURIOSA_SHARED_DIR "/images/1234567890.jpg";
    if (!std::filesystem::exists(strip)) {
        WARN("skipped: " << strip << " is not there");
        return;
    }
    test::TemporaryDirectory folder;
    Context context(1);
    context.emplace<store::Store>(store::StoreOptions{folder.path()});
    SessionOptions options("cpu(1)*1");
    options.context = &context;
    blocking::Session session(test::digits_onnx(), options);

    const auto pixels = cv::imread(strip, cv::IMREAD_GRAYSCALE);
    REQUIRE(pixels.rows == 28);
    const std::string labels = "1234567890";
    int right = 0;
    for (std::size_t i = 0; i != labels.size(); ++i) {
        std::vector<Tensor> inputs;
        auto& image = inputs.emplace_back(DataType::float32, Shape{1, 1, 28, 28});
        for (int y = 0; y != 28; ++y)
            for (int x = 0; x != 28; ++x)
                image.as<float>()[static_cast<std::size_t>(28 * y + x)] =
                    static_cast<float>(pixels.at<std::uint8_t>(y, 28 * static_cast<int>(i) + x)) / 255;
        const auto outputs = session.run(std::move(inputs));
        const auto scores = outputs[0].as<float>();
        const auto best = std::ranges::max_element(scores) - scores.begin();
        right += best == labels[i] - '0';
    }
    INFO(right << " of 10");
    CHECK(right >= 8);
}
