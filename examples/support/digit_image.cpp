#include "support/digit_image.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace examples {

furiosa::Tensor digit_image(std::span<const std::byte> file)
{
    const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8U, const_cast<std::byte*>(file.data()));
    cv::Mat pixels;
    if (!file.empty())
        pixels = cv::imdecode(bytes, cv::IMREAD_GRAYSCALE);
    if (pixels.empty())
        furiosa::throw_error(furiosa::errc::invalid_argument, "these {} bytes are no image that OpenCV can read", file.size());
    if (pixels.size() != cv::Size(28, 28))
        cv::resize(pixels, pixels, {28, 28}, 0, 0, cv::INTER_AREA);
    furiosa::Tensor tensor(furiosa::DataType::float32, {1, 1, 28, 28});
    cv::Mat scaled(28, 28, CV_32F, tensor.data());
    pixels.convertTo(scaled, CV_32F, 1.0 / 255);
    return tensor;
}

furiosa::Tensor load_digit_image(const std::filesystem::path& path)
{
    try {
        return digit_image(furiosa::SharedBytes::map(path));
    } catch (const furiosa::Error& error) {
        throw error.within(path.native());
    }
}

} // namespace examples
