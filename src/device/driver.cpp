#include <furiosa/device/driver.hpp>

#include <furiosa/core/error.hpp>
#include <furiosa/device/model_image.hpp>

namespace furiosa::device {

std::unique_ptr<Executable> Driver::load(const ModelImage& image)
{
    throw_error(errc::not_supported, "{}: a device for {} takes compiled programs, no models", image.name, target());
}

} // namespace furiosa::device
