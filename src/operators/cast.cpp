#include <furiosa/core/half.hpp>

#include "operators/elementwise.hpp"
#include "operators/numeric.hpp"

#include <cstring>

namespace furiosa::operators {

namespace {

/// How elements of a type stand in memory, and the value they are converted by.
template <DataType>
struct Element;

template <class T>
struct PlainElement
{
    using Memory = T;
    static T load(T memory) noexcept { return memory; }
    template <class V>
    static T store(V value) noexcept
    {
        return convert<T>(value);
    }
};
template <>
struct Element<DataType::float32> : PlainElement<float>
{
};
template <>
struct Element<DataType::uint8> : PlainElement<std::uint8_t>
{
};
template <>
struct Element<DataType::int8> : PlainElement<std::int8_t>
{
};
template <>
struct Element<DataType::int32> : PlainElement<std::int32_t>
{
};
template <>
struct Element<DataType::int64> : PlainElement<std::int64_t>
{
};

template <>
struct Element<DataType::boolean>
{
    using Memory = std::uint8_t;
    static std::uint8_t load(std::uint8_t memory) noexcept { return memory != 0; }
    template <class V>
    static std::uint8_t store(V value) noexcept
    {
        return value != 0;
    }
};
template <>
struct Element<DataType::float16>
{
    using Memory = std::uint16_t;
    static float load(std::uint16_t memory) noexcept { return float16_to_float(memory); }
    template <class V>
    static std::uint16_t store(V value) noexcept
    {
        return float_to_float16(static_cast<float>(value));
    }
};
template <>
struct Element<DataType::bfloat16>
{
    using Memory = std::uint16_t;
    static float load(std::uint16_t memory) noexcept { return bfloat16_to_float(memory); }
    template <class V>
    static std::uint16_t store(V value) noexcept
    {
        return float_to_bfloat16(static_cast<float>(value));
    }
};

template <class Visit>
void visit_element(DataType type, Visit visit)
{
    switch (type) {
    case DataType::float32:
        return visit(Element<DataType::float32>());
    case DataType::float16:
        return visit(Element<DataType::float16>());
    case DataType::bfloat16:
        return visit(Element<DataType::bfloat16>());
    case DataType::uint8:
        return visit(Element<DataType::uint8>());
    case DataType::int8:
        return visit(Element<DataType::int8>());
    case DataType::int32:
        return visit(Element<DataType::int32>());
    case DataType::int64:
        return visit(Element<DataType::int64>());
    case DataType::boolean:
        return visit(Element<DataType::boolean>());
    }
}

std::vector<TensorType> infer_cast(const Question& question)
{
    const auto to = question.attributes().integer("to", -1);
    if (to < 0 || to > static_cast<std::int64_t>(DataType::boolean))
        question.fail_with(errc::malformed_model, fmt::format("casts to {}, which is no type", to));
    return {{static_cast<DataType>(to), question.shape(0)}};
}

void evaluate_cast(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (x.data_type() == y.data_type()) {
        std::memcpy(y.data(), x.data(), y.size_in_bytes());
        return;
    }
    visit_element(x.data_type(), [&]<class From>(From) {
        visit_element(y.data_type(), [&]<class To>(To) {
            const auto* in = reinterpret_cast<const typename From::Memory*>(x.data());
            auto* out = reinterpret_cast<typename To::Memory*>(y.data());
            const auto count = y.shape().element_count();
            for (std::int64_t i = 0; i != count; ++i)
                out[i] = To::store(From::load(in[i]));
        });
    });
}

} // namespace

const Definition cast{1, 1, 1, infer_cast, evaluate_cast};

} // namespace furiosa::operators
