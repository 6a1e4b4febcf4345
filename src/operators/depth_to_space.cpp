#include "operators/checked_shape.hpp"
#include "operators/movement.hpp"
#include "operators/strided_copy.hpp"

#include <utility>

namespace furiosa::operators {

namespace {

std::int64_t block_of(const Question& question)
{
    if (question.shape(0).rank() != 4)
        question.fail("the input {} is not of rank 4", to_string(question.shape(0)));
    const auto block = question.attributes().integer("blocksize");
    if (block < 1 || block > 1 << 20)
        question.fail_with(errc::malformed_model, fmt::format("blocksize is {}", block));
    return block;
}

std::vector<TensorType> types_of_depth_to_space(const Question& question)
{
    const auto block = block_of(question);
    const auto& x = question.input(0);
    const auto mode = question.attributes().get<std::string>("mode", "DCR");
    if (mode != "DCR" && mode != "CRD")
        question.fail_with(errc::malformed_model, fmt::format("mode is '{}'", mode));
    if (x.shape[1] % (block * block) != 0)
        question.fail("{} channels do not divide into blocks of {} x {}", x.shape[1], block, block);
    const std::int64_t extents[] = {x.shape[0], x.shape[1] / (block * block),
                                    checked_product(question, x.shape[2], block),
                                    checked_product(question, x.shape[3], block)};
    return {{x.data_type, checked_shape(question, extents)}};
}

std::vector<TensorType> types_of_space_to_depth(const Question& question)
{
    const auto block = block_of(question);
    const auto& x = question.input(0);
    if (x.shape[2] % block != 0 || x.shape[3] % block != 0)
        question.fail("{} does not divide into blocks of {} x {}", to_string(x.shape), block, block);
    const std::int64_t extents[] = {x.shape[0], checked_product(question, x.shape[1], block * block),
                                    x.shape[2] / block, x.shape[3] / block};
    return {{x.data_type, checked_shape(question, extents)}};
}

/// Depth [N, C·b², H, W] and space [N, C, H·b, W·b]: the loops over both, in the order of space.
void compute(const Work& work)
{
    const auto& x = work.inputs[0];
    const auto& y = work.outputs[0];
    if (y.size_in_bytes() == 0)
        return;
    const bool to_space = work.kind() == OpKind::depth_to_space;
    const auto block = work.attributes().integer("blocksize");
    // "depth, column, row" has the channels innermost in depth, "column, row, depth" outermost; ONNX,
    // DepthToSpace.
    const bool crd = to_space && work.attributes().get<std::string>("mode", "DCR") == "CRD";
    const auto& depth_shape = to_space ? x.shape() : y.shape();
    const auto& space_shape = to_space ? y.shape() : x.shape();
    const auto depth = row_major_strides(depth_shape);
    const auto space = row_major_strides(space_shape);
    const auto channels = space_shape[1];
    const auto of_channel = (crd ? block * block : 1) * depth[1];
    const auto of_row = (crd ? block : block * channels) * depth[1];
    const auto of_column = (crd ? 1 : channels) * depth[1];
    std::array<CopyAxis, 6> axes{{{space_shape[0], depth[0], space[0]},
                                  {channels, of_channel, space[1]},
                                  {depth_shape[2], depth[2], space[2] * block},
                                  {block, of_row, space[2]},
                                  {depth_shape[3], depth[3], block},
                                  {block, of_column, 1}}};
    if (!to_space)
        for (auto& axis : axes)
            std::swap(axis.from, axis.to);
    copy_strided(y.data_type(), x.data(), y.data(), axes);
}

} // namespace

const Definition depth_to_space{1, 1, 1, types_of_depth_to_space, compute};
const Definition space_to_depth{1, 1, 1, types_of_space_to_depth, compute};

} // namespace furiosa::operators
