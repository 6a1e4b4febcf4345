#include "cli/random_tensor.hpp"

#include <cstring>
#include <random>

namespace furiosa::cli {

namespace {

/// Elements whose bits are `lowest`, plus some of those below `count`.
template <class T>
void fill(Tensor& tensor, std::mt19937_64& random, T lowest, std::uint64_t count)
{
    const auto bytes = tensor.view().bytes();
    for (std::size_t offset = 0; offset != bytes.size(); offset += sizeof(T)) {
        const T value = static_cast<T>(lowest + static_cast<T>(random() % count));
        std::memcpy(bytes.data() + offset, &value, sizeof value);
    }
}

} // namespace

Tensor random_tensor(DataType type, const Shape& shape, std::uint64_t seed)
{
    Tensor tensor(type, shape);
    std::mt19937_64 random(seed);
    switch (type) {
    case DataType::float32:
        for (auto& element : tensor.as<float>())
            element = static_cast<float>(random() >> 40) * 0x1p-24f;
        break;
    case DataType::float16: fill<std::uint16_t>(tensor, random, 0x3800, 0x400); break;  // 0.5 to 1
    case DataType::bfloat16: fill<std::uint16_t>(tensor, random, 0x3f00, 0x80); break; // 0.5 to 1
    case DataType::uint8:
    case DataType::int8: fill<std::uint8_t>(tensor, random, 0, 256); break;
    case DataType::boolean: fill<std::uint8_t>(tensor, random, 0, 2); break;
    case DataType::int32: fill<std::uint32_t>(tensor, random, 0, 2); break;
    case DataType::int64: fill<std::uint64_t>(tensor, random, 0, 2); break;
    }
    return tensor;
}

} // namespace furiosa::cli
