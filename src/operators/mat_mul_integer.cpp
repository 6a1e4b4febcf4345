#include "operators/integer_mat_mul.hpp"
#include "operators/quantization.hpp"

namespace furiosa::operators {

namespace {

constexpr IntegerMatMulInputs positions{.a = 0, .a_zero_point = 2, .b = 1, .b_zero_point = 3};

std::vector<TensorType> infer_mat_mul_integer(const Question& question)
{
    return {{DataType::int32, check_integer_mat_mul(question, positions).output}};
}

void evaluate_mat_mul_integer(const Work& work)
{
    integer_mat_mul(work, positions, work.outputs[0].as<std::int32_t>().data());
}

} // namespace

const Definition mat_mul_integer{2, 4, 1, infer_mat_mul_integer, evaluate_mat_mul_integer};

} // namespace furiosa::operators
