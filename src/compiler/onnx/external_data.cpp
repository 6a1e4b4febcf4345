#include "compiler/onnx/external_data.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace furiosa::compiler {

namespace fs = std::filesystem;

namespace {

/// Where elements lie.
struct Place
{
    std::string location;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

std::uint64_t number(const onnx::TensorProto& tensor, const onnx::StringStringEntryProto& entry)
{
    std::uint64_t value = 0;
    const auto& text = entry.value();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw_error(errc::malformed_model, "tensor '{}': the {} of its external data is '{}'", tensor.name(), entry.key(),
                    text.substr(0, 100));
    return value;
}

Place place_of(const onnx::TensorProto& tensor, std::uint64_t size)
{
    Place place;
    place.length = size;
    for (const auto& entry : tensor.external_data()) {
        if (entry.key() == "location")
            place.location = entry.value();
        else if (entry.key() == "offset")
            place.offset = number(tensor, entry);
        else if (entry.key() == "length")
            place.length = number(tensor, entry);
    }
    return place;
}

bool leads_out(const fs::path& location)
{
    return location.empty() || location.is_absolute() || location.has_root_path() ||
           std::ranges::find(location, "..") != location.end();
}

} // namespace

SharedBytes read_external_data(const onnx::TensorProto& tensor, std::uint64_t size, const fs::path& folder)
{
    const auto place = place_of(tensor, size);
    if (folder.empty())
        throw_error(errc::not_supported,
                    "tensor '{}': its elements are in the file '{}' beside the model, which is not at hand: create the "
                    "session from the path of the model",
                    tensor.name(), place.location);
    if (leads_out(place.location))
        throw_error(errc::malformed_model, "tensor '{}': its external data '{}' leads out of the model's folder",
                    tensor.name(), place.location);
    std::error_code error;
    const auto root = fs::canonical(folder, error);
    const auto file = error ? fs::path() : fs::weakly_canonical(root / place.location, error);
    if (error || std::ranges::mismatch(root, file).in1 != root.end())
        throw_error(errc::malformed_model, "tensor '{}': its external data '{}' leads out of the model's folder",
                    tensor.name(), place.location);
    const auto bytes = SharedBytes::map(file);
    if (place.length != size || place.offset > bytes.size() || size > bytes.size() - place.offset)
        throw_error(errc::malformed_model,
                    "tensor '{}': its external data are {} bytes at {} of '{}', which has {}; its shape takes {}",
                    tensor.name(), place.length, place.offset, place.location, bytes.size(), size);
    const auto elements = bytes.part(place.offset, size);
    constexpr std::uintptr_t largest_element = 8;
    if (reinterpret_cast<std::uintptr_t>(elements.data()) % largest_element == 0)
        return elements;
    return SharedBytes::own({elements.view().begin(), elements.view().end()}); // not to be read where it lies
}

} // namespace furiosa::compiler
