#include <furiosa/core/tensor.hpp>

#include "operators/integer_mat_mul.hpp"
#include "operators/quantization.hpp"
#include "operators/quantize.hpp"
#include "operators/strided.hpp"

namespace furiosa::operators {

namespace {

constexpr IntegerMatMulInputs positions{.a = 0, .a_zero_point = 2, .b = 3, .b_zero_point = 5};
constexpr std::size_t a_scale = 1, b_scale = 4, y_scale = 6, y_zero_point = 7;

std::vector<TensorType> infer_qlinear_mat_mul(const Question& question)
{
    const auto shapes = check_integer_mat_mul(question, positions);
    for (const auto scale : {a_scale, b_scale, y_scale})
        question.require_type(scale, {DataType::float32});
    check_lines(question, a_scale, shapes.a, Lines::rows);
    check_lines(question, b_scale, shapes.b, Lines::columns);
    check_lines(question, y_scale, shapes.product, Lines::rows);
    question.require_type(y_zero_point, {DataType::uint8, DataType::int8});
    check_lines(question, y_zero_point, shapes.product, Lines::rows);
    return {{question.type(y_zero_point), shapes.output}};
}

template <class Y>
void requantize(const Work& work, const Shape& product, const std::int32_t* sums)
{
    const auto strides = [&](std::size_t input, Lines lines) {
        return broadcast_strides(shape_of_lines(work.inputs[input].shape(), lines), product);
    };
    const StridedSpace<5> space(product.extents(),
                                {dense_strides(product), strides(a_scale, Lines::rows),
                                 strides(b_scale, Lines::columns), strides(y_scale, Lines::rows),
                                 strides(y_zero_point, Lines::rows)});
    const float* a = work.inputs[a_scale].as<float>().data();
    const float* b = work.inputs[b_scale].as<float>().data();
    const float* scale = work.inputs[y_scale].as<float>().data();
    const Y* zero_point = work.inputs[y_zero_point].as<Y>().data();
    Y* y = work.outputs[0].as<Y>().data();
    space.for_each([&](const auto& at) {
        const float factor = a[at[1]] * b[at[2]] / scale[at[3]];
        y[at[0]] = quantize<Y>(static_cast<float>(sums[at[0]]) * factor, zero_point[at[4]]);
    });
}

void evaluate_qlinear_mat_mul(const Work& work)
{
    const auto& y = work.outputs[0];
    if (y.shape().element_count() == 0)
        return;
    Tensor sums(DataType::int32, y.shape());
    auto* first = sums.as<std::int32_t>().data();
    integer_mat_mul(work, positions, first);
    const auto shapes = mat_mul_shapes(work.inputs[positions.a].shape(), work.inputs[positions.b].shape());
    visit_byte(y.data_type(),
               [&]<class Y>(std::type_identity<Y>) { requantize<Y>(work, shapes->product, first); });
}

} // namespace

const Definition qlinear_mat_mul{8, 8, 1, infer_qlinear_mat_mul, evaluate_qlinear_mat_mul};

} // namespace furiosa::operators
