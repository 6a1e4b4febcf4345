#include <furiosa/compiler/reference.hpp>

#include <furiosa/compiler/window.hpp>
#include <furiosa/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

namespace furiosa::compiler {

namespace {

using Inputs = std::span<const ConstTensorView>;

/// Calls `visit(index)` for every index vector of a shape, in row-major order.
template <class Visit>
void for_each_index(std::span<const std::int64_t> extents, Visit visit)
{
    std::vector<std::int64_t> index(extents.size());
    for (const auto extent : extents)
        if (extent == 0)
            return;
    for (;;) {
        visit(std::as_const(index));
        std::size_t axis = extents.size();
        while (axis != 0 && ++index[axis - 1] == extents[axis - 1])
            index[--axis] = 0;
        if (axis == 0)
            return;
    }
}

std::int64_t offset_of(const Shape& shape, std::span<const std::int64_t> index)
{
    std::int64_t offset = 0;
    for (std::size_t i = 0; i != shape.rank(); ++i)
        offset = offset * shape[i] + index[i];
    return offset;
}

/// The element that a broadcast tensor shows at an index of the larger shape.
float broadcast_at(const ConstTensorView& view, std::span<const std::int64_t> index)
{
    std::vector<std::int64_t> own;
    const auto& shape = view.shape();
    for (std::size_t i = 0; i != shape.rank(); ++i)
        own.push_back(shape[i] == 1 ? 0 : index[index.size() - shape.rank() + i]);
    return view.as<float>()[static_cast<std::size_t>(offset_of(shape, own))];
}

Tensor map(const ConstTensorView& x, const std::function<float(float)>& function)
{
    Tensor y(DataType::float32, x.shape());
    std::ranges::transform(x.as<float>(), y.as<float>().begin(), function);
    return y;
}

Tensor combine(const Shape& shape, Inputs in, const std::function<float(float, float)>& function)
{
    Tensor y(DataType::float32, shape);
    auto* out = y.as<float>().data();
    for_each_index(shape.extents(), [&](const auto& index) {
        *out++ = function(broadcast_at(in[0], index), broadcast_at(in[1], index));
    });
    return y;
}

float activate(const Node& node, float value)
{
    const auto activation = node.attributes.get<std::string>("activation");
    if (activation == "Relu")
        return std::max(value, 0.f);
    if (activation == "Clip")
        return std::clamp(value, node.attributes.real("min"), node.attributes.real("max"));
    if (activation == "Sigmoid")
        return 1 / (1 + std::exp(-value));
    return value;
}

/// Where the window of an output position takes its values: indices of the input, or nothing in the padding.
template <class Visit>
void for_each_tap(const Window& window, std::span<const std::int64_t> out, std::span<const std::int64_t> extents, Visit visit)
{
    for_each_index(window.kernel, [&](const auto& tap) {
        std::vector<std::int64_t> at(tap.size());
        bool inside = true;
        for (std::size_t i = 0; i != tap.size(); ++i) {
            at[i] = out[i] * window.strides[i] - window.pads_begin[i] + tap[i] * window.dilations[i];
            inside = inside && at[i] >= 0 && at[i] < extents[i];
        }
        visit(tap, at, inside);
    });
}

Tensor conv(const Node& node, const Shape& shape, Inputs in)
{
    const auto& x = in[0];
    const auto& w = in[1];
    const auto window = window_of(node, x.shape(), {w.shape().begin() + 2, w.shape().end()});
    const auto extents = x.shape().extents().subspan(2);
    const auto group = node.attributes.integer("group", 1);
    const auto outputs_of_group = w.shape()[0] / group;
    Tensor y(DataType::float32, shape);
    auto* out = y.as<float>().data();
    for_each_index(shape.extents(), [&](const auto& index) {
        const auto channel = index[1];
        double sum = node.has_input(2) ? in[2].template as<float>()[static_cast<std::size_t>(channel)] : 0;
        for (std::int64_t c = 0; c != w.shape()[1]; ++c)
            for_each_tap(window, std::span(index).subspan(2), extents, [&](const auto& tap, const auto& at, bool inside) {
                if (!inside)
                    return;
                std::vector<std::int64_t> xi{index[0], channel / outputs_of_group * w.shape()[1] + c};
                xi.insert(xi.end(), at.begin(), at.end());
                std::vector<std::int64_t> wi{channel, c};
                wi.insert(wi.end(), tap.begin(), tap.end());
                sum += double(x.template as<float>()[static_cast<std::size_t>(offset_of(x.shape(), xi))]) *
                       w.template as<float>()[static_cast<std::size_t>(offset_of(w.shape(), wi))];
            });
        if (node.has_input(3))
            sum += in[3].template as<float>()[static_cast<std::size_t>(offset_of(shape, index))];
        *out++ = activate(node, static_cast<float>(sum));
    });
    return y;
}

Tensor pool(const Node& node, const Shape& shape, Inputs in)
{
    const auto& x = in[0];
    const auto window = window_of(node, x.shape(), {});
    const auto extents = x.shape().extents().subspan(2);
    const bool maximum = node.kind == OpKind::max_pool;
    const bool count_padding = node.attributes.integer("count_include_pad") != 0;
    Tensor y(DataType::float32, shape);
    auto* out = y.as<float>().data();
    for_each_index(shape.extents(), [&](const auto& index) {
        double sum = 0;
        float largest = std::numeric_limits<float>::lowest();
        std::int64_t count = 0;
        for_each_tap(window, std::span(index).subspan(2), extents, [&](const auto&, const auto& at, bool inside) {
            bool in_padding = true; // what ceil_mode adds behind the padding counts for nothing
            for (std::size_t i = 0; i != at.size(); ++i)
                in_padding = in_padding && at[i] < extents[i] + window.pads_end[i];
            count += inside || (count_padding && in_padding);
            if (!inside)
                return;
            std::vector<std::int64_t> xi{index[0], index[1]};
            xi.insert(xi.end(), at.begin(), at.end());
            const float value = x.template as<float>()[static_cast<std::size_t>(offset_of(x.shape(), xi))];
            sum += value;
            largest = std::max(largest, value);
        });
        *out++ = maximum ? largest : static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(count, 1)));
    });
    return y;
}

Tensor global_average_pool(const Shape& shape, Inputs in)
{
    Tensor y(DataType::float32, shape);
    const auto x = in[0].as<float>();
    const auto planes = static_cast<std::size_t>(shape[0] * shape[1]);
    const auto size = planes == 0 ? 0 : x.size() / planes;
    for (std::size_t i = 0; i != planes; ++i) {
        double sum = 0;
        for (const float value : x.subspan(i * size, size))
            sum += value;
        y.as<float>()[i] = static_cast<float>(sum / static_cast<double>(size));
    }
    return y;
}

Tensor gemm(const Node& node, const Shape& shape, Inputs in)
{
    const bool ta = node.attributes.integer("transA") != 0;
    const bool tb = node.attributes.integer("transB") != 0;
    const auto a = in[0].as<float>();
    const auto b = in[1].as<float>();
    const auto rows = shape[0], columns = shape[1], depth = in[0].shape()[ta ? 0 : 1];
    Tensor y(DataType::float32, shape);
    for (std::int64_t i = 0; i != rows; ++i)
        for (std::int64_t j = 0; j != columns; ++j) {
            double sum = 0;
            for (std::int64_t k = 0; k != depth; ++k)
                sum += double(a[static_cast<std::size_t>(ta ? k * rows + i : i * depth + k)]) *
                       b[static_cast<std::size_t>(tb ? j * depth + k : k * columns + j)];
            sum *= node.attributes.real("alpha", 1);
            if (node.has_input(2)) {
                const std::int64_t index[] = {i, j};
                sum += double(node.attributes.real("beta", 1)) * broadcast_at(in[2], index);
            }
            y.as<float>()[static_cast<std::size_t>(i * columns + j)] = static_cast<float>(sum);
        }
    return y;
}

Tensor mat_mul(const Node& node, const Shape& shape, Inputs in)
{
    const auto depth = in[0].shape()[in[0].shape().rank() - 1];
    Tensor y(DataType::float32, shape);
    auto* out = y.as<float>().data();
    for_each_index(shape.extents(), [&](const auto& index) {
        auto a = index, b = index;
        double sum = node.has_input(2) ? in[2].template as<float>()[static_cast<std::size_t>(index.back())] : 0;
        for (std::int64_t k = 0; k != depth; ++k) {
            a.back() = k;
            b[b.size() - 2] = k;
            sum += double(broadcast_at(in[0], a)) * broadcast_at(in[1], b);
        }
        *out++ = activate(node, static_cast<float>(sum));
    });
    return y;
}

Tensor batch_normalization(const Node& node, Inputs in)
{
    const auto channels = in[0].shape()[1];
    const auto plane = in[0].shape().element_count() / std::max<std::int64_t>(1, in[0].shape()[0] * channels);
    Tensor y = Tensor::copy_of(in[0]);
    auto values = y.as<float>();
    for (std::size_t i = 0; i != values.size(); ++i) {
        const auto c = i / static_cast<std::size_t>(plane) % static_cast<std::size_t>(channels);
        const double scale = in[1].as<float>()[c] / std::sqrt(double(in[4].as<float>()[c]) + node.attributes.real("epsilon", 1e-5f));
        values[i] = static_cast<float>((double(values[i]) - in[3].as<float>()[c]) * scale + in[2].as<float>()[c]);
    }
    return y;
}

Tensor softmax(const Node& node, const Shape& shape, Inputs in)
{
    auto axis = node.attributes.integer("axis", -1);
    if (axis < 0)
        axis += static_cast<std::int64_t>(shape.rank());
    std::int64_t inner = 1;
    for (auto i = static_cast<std::size_t>(axis) + 1; i < shape.rank(); ++i)
        inner *= shape[i];
    const auto length = shape[static_cast<std::size_t>(axis)];
    Tensor y = Tensor::copy_of(in[0]);
    auto values = y.as<float>();
    for (std::int64_t start = 0; start != shape.element_count(); ++start) {
        if (start / inner % length != 0)
            continue; // not the first of its line
        const auto at = [&](std::int64_t i) -> float& { return values[static_cast<std::size_t>(start + i * inner)]; };
        float largest = at(0);
        for (std::int64_t i = 1; i != length; ++i)
            largest = std::max(largest, at(i));
        double sum = 0;
        for (std::int64_t i = 0; i != length; ++i)
            sum += at(i) = std::exp(at(i) - largest);
        for (std::int64_t i = 0; i != length; ++i)
            at(i) = static_cast<float>(at(i) / sum);
    }
    return y;
}

Tensor transpose(const Node& node, const Shape& shape, Inputs in)
{
    std::vector<std::int64_t> perm = node.attributes.integers("perm");
    for (std::size_t i = perm.size(); i != shape.rank(); ++i)
        perm.push_back(static_cast<std::int64_t>(shape.rank() - 1 - i));
    const auto size = size_of(in[0].data_type());
    Tensor y(in[0].data_type(), shape);
    auto* out = y.data();
    for_each_index(shape.extents(), [&](const auto& index) {
        std::vector<std::int64_t> from(index.size());
        for (std::size_t i = 0; i != index.size(); ++i)
            from[static_cast<std::size_t>(perm[i])] = index[i];
        std::memcpy(out, in[0].data() + static_cast<std::size_t>(offset_of(in[0].shape(), from)) * size, size);
        out += size;
    });
    return y;
}

Tensor same_elements(const Shape& shape, Inputs in)
{
    return Tensor::copy_of({in[0].data(), in[0].data_type(), shape});
}

Tensor compute(const Node& node, const Shape& shape, Inputs in)
{
    switch (node.kind) {
    case OpKind::add: return combine(shape, in, std::plus<>());
    case OpKind::sub: return combine(shape, in, std::minus<>());
    case OpKind::mul: return combine(shape, in, std::multiplies<>());
    case OpKind::div: return combine(shape, in, std::divides<>());
    case OpKind::relu: return map(in[0], [](float v) { return std::max(v, 0.f); });
    case OpKind::sigmoid: return map(in[0], [](float v) { return 1 / (1 + std::exp(-v)); });
    case OpKind::clip:
        return map(in[0], [low = node.attributes.real("min"), high = node.attributes.real("max")](float v) {
            return std::min(std::max(v, low), high);
        });
    case OpKind::conv: return conv(node, shape, in);
    case OpKind::max_pool:
    case OpKind::average_pool: return pool(node, shape, in);
    case OpKind::global_average_pool: return global_average_pool(shape, in);
    case OpKind::gemm: return gemm(node, shape, in);
    case OpKind::mat_mul: return mat_mul(node, shape, in);
    case OpKind::batch_normalization: return batch_normalization(node, in);
    case OpKind::softmax: return softmax(node, shape, in);
    case OpKind::transpose: return transpose(node, shape, in);
    case OpKind::dropout:
    case OpKind::flatten:
    case OpKind::identity:
    case OpKind::reorder:
    case OpKind::reshape: return same_elements(shape, in);
    case OpKind::constant: break;
    }
    throw_error(errc::unsupported_operator, "node '{}': the reference does not know {}", node.name, to_string(node.kind));
}

} // namespace

std::vector<Tensor> evaluate(const Graph& graph, const Node& node, Inputs inputs)
{
    std::vector<Tensor> outputs;
    outputs.push_back(compute(node, graph.shape(node.outputs.at(0)), inputs));
    return outputs;
}

std::vector<Tensor> evaluate(const Graph& graph, Inputs inputs)
{
    std::vector<Tensor> made(graph.values.size());
    std::vector<ConstTensorView> views(graph.values.size());
    for (std::size_t i = 0; i != graph.values.size(); ++i)
        if (graph.values[i].constant)
            views[i] = graph.values[i].view();
    for (std::size_t i = 0; i != graph.inputs.size(); ++i)
        views[graph.inputs[i]] = inputs[i];
    for (const auto& node : graph.nodes) {
        std::vector<ConstTensorView> in;
        for (const auto input : node.inputs)
            in.push_back(input == no_value ? ConstTensorView() : views[input]);
        auto out = evaluate(graph, node, in);
        for (std::size_t i = 0; i != out.size(); ++i) {
            made[node.outputs[i]] = std::move(out[i]);
            views[node.outputs[i]] = made[node.outputs[i]];
        }
    }
    std::vector<Tensor> outputs;
    for (const auto output : graph.outputs)
        outputs.push_back(Tensor::copy_of(views[output]));
    return outputs;
}

} // namespace furiosa::compiler
