#include "operators/element_types.hpp"
#include "operators/reduction.hpp"

#include <algorithm>
#include <functional>

namespace furiosa::operators {

namespace {

std::vector<TensorType> infer_arg_extremum(const Question& question)
{
    using enum DataType;
    question.require_type(0, {float32, uint8, int8, int32, int64});
    const auto& shape = question.shape(0);
    const auto axis = question.axis("axis", 0, shape.rank());
    if (shape[axis] == 0)
        question.fail("axis {} of {} is empty: nothing there is the largest or smallest", axis,
                      to_string(shape));
    std::vector<std::int64_t> extents(shape.begin(), shape.end());
    extents[axis] = 1;
    if (question.attributes().integer("keepdims", 1) == 0)
        extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(axis));
    return {{int64, Shape(extents)}};
}

/// Does `x` come before `best`? NaN comes before all others, as for numpy.argmax. Of equal elements the later
/// one does if `last` is set.
template <class T, class Before>
bool wins(T x, T best, bool last, Before before)
{
    const bool x_is_nan = x != x, best_is_nan = best != best;
    if (x_is_nan || best_is_nan)
        return x_is_nan && (!best_is_nan || last);
    return before(x, best) || (last && x == best);
}

template <class T, class Before>
void find(const Work& work, Before before)
{
    const auto& shape = work.inputs[0].shape();
    const auto axis = static_cast<std::size_t>(work.attributes().integer("axis", 0));
    const bool last = work.attributes().integer("select_last_index", 0) != 0;
    std::int64_t inner = 1;
    for (std::size_t i = axis + 1; i != shape.rank(); ++i)
        inner *= shape[i];
    const T* x = work.inputs[0].as<T>().data();
    const auto out = work.outputs[0].as<std::int64_t>();
    std::ranges::fill(out, 0);
    const auto* end = out.data() + out.size();
    for (auto* best = out.data(); best != end; best += inner, x += shape[axis] * inner)
        for (std::int64_t j = 1; j < shape[axis]; ++j)
            for (std::int64_t i = 0; i != inner; ++i)
                if (wins(x[j * inner + i], x[best[i] * inner + i], last, before))
                    best[i] = j;
}

void evaluate_arg_extremum(const Work& work)
{
    visit_type(work.inputs[0].data_type(), [&]<class T>(std::type_identity<T>) {
        if constexpr (std::is_same_v<T, bool>)
            return;
        else if (work.kind() == OpKind::arg_max)
            find<T>(work, std::greater<>());
        else
            find<T>(work, std::less<>());
    });
}

} // namespace

const Definition arg_extremum{1, 1, 1, infer_arg_extremum, evaluate_arg_extremum};

} // namespace furiosa::operators
