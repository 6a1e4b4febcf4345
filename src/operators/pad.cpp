#include "operators/checked_shape.hpp"
#include "operators/element_types.hpp"
#include "operators/index_maps.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

#include <algorithm>
#include <cstring>

namespace furiosa::operators {

namespace {

/// One axis: what is cut off, what is kept, what is added.
struct Margin
{
    std::int64_t cut; ///< in front
    std::int64_t kept;
    std::int64_t before;
    std::int64_t after;

    Margin(std::int64_t extent, std::int64_t begin, std::int64_t end)
        : cut(std::max<std::int64_t>(-begin, 0)),
          kept(extent - cut - std::max<std::int64_t>(-end, 0)),
          before(std::max<std::int64_t>(begin, 0)),
          after(std::max<std::int64_t>(end, 0))
    {
    }
};

std::vector<TensorType> output_types(const Question& question)
{
    constexpr std::int64_t most = std::int64_t{1}
                                  << 59; // no shape is larger; sums of three of these do not overflow
    const auto& x = question.input(0);
    const auto rank = x.shape.rank();
    const auto mode = question.attributes().get<std::string>("mode", "constant");
    if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
        question.fail_with(errc::malformed_model, fmt::format("mode is '{}'", mode));
    if (question.has(1)) {
        question.require_same_type(1, x.data_type);
        question.require_scalar(1);
    }
    const auto pads = question.integers("pads", 2 * rank, -most, most);
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i != rank; ++i) {
        const Margin margin(x.shape[i], pads[i], pads[i + rank]);
        if (margin.kept < 0)
            question.fail("more than axis {} of {} is cut off", i, to_string(x.shape));
        if (margin.kept == 0 && mode != "constant" && margin.before + margin.after != 0)
            question.fail("axis {} of {} has nothing to pad with", i, to_string(x.shape));
        extents.push_back(margin.before + margin.kept + margin.after);
    }
    return {{x.data_type, checked_shape(question, extents)}};
}

/// Which of `kept` elements stands `at` behind the first, which may be in the padding.
std::int64_t mirrored(std::int64_t at, std::int64_t kept)
{
    const auto period = std::max<std::int64_t>(2 * (kept - 1), 1);
    const auto phase = (at % period + period) % period;
    return std::min(phase, period - phase);
}

std::int64_t source_of(std::int64_t at, std::int64_t kept, char mode)
{
    switch (mode) {
    case 'e':
        return std::clamp<std::int64_t>(at, 0, kept - 1);
    case 'w':
        return (at % kept + kept) % kept;
    default:
        return kept == 1 ? 0 : mirrored(at, kept);
    }
}

void pad_with_value(const Work& work, std::span<const Margin> margins)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    const auto from = row_major_strides(x.shape());
    const auto to = row_major_strides(y.shape());
    std::array<CopyAxis, Shape::max_rank> axes;
    std::int64_t from_at = 0, to_at = 0;
    bool any = true;
    for (std::size_t i = 0; i != margins.size(); ++i) {
        axes[i] = {margins[i].kept, from[i], to[i]};
        from_at += margins[i].cut * from[i];
        to_at += margins[i].before * to[i];
        any = any && margins[i].kept != 0;
    }
    visit_size(y.data_type(), [&]<class T>(std::type_identity<T>) {
        T value{};
        if (work.has(1))
            std::memcpy(&value, work.inputs[1].data(), sizeof(T));
        std::fill_n(reinterpret_cast<T*>(y.data()), y.shape().element_count(), value);
    });
    const auto size = static_cast<std::int64_t>(size_of(y.data_type()));
    if (any)
        copy_strided(y.data_type(), x.data() + from_at * size, y.data() + to_at * size,
                     std::span(axes).first(margins.size()));
}

void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const auto rank = x.shape().rank();
    const auto pads = work.integers("pads");
    const auto mode = work.attributes().get<std::string>("mode", "constant");
    std::vector<Margin> margins;
    for (std::size_t i = 0; i != rank; ++i)
        margins.emplace_back(x.shape()[i], pads[i], pads[i + rank]);
    if (mode == "constant")
        return pad_with_value(work, margins);
    std::vector<IndexMap> maps;
    for (std::size_t i = 0; i != rank; ++i) {
        auto& map = maps.emplace_back(static_cast<std::size_t>(y.shape()[i]));
        for (std::int64_t k = 0; k != y.shape()[i]; ++k)
            map[static_cast<std::size_t>(k)] =
                margins[i].cut + source_of(k - margins[i].before, margins[i].kept, mode[0]);
    }
    copy_mapped(x, y, maps, nullptr);
}

} // namespace

const Definition pad{1, 2, 1, output_types, compute};

} // namespace furiosa::operators
