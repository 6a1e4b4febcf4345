#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zoo {

/// Changes a network so that it is small enough for a test, without changing its form.
struct Options
{
    /// The longer side of the image; the shorter one keeps its proportion. 0: what the network was made for.
    /// std::invalid_argument if the network cannot take it.
    std::int64_t input_size = 0;
    /// Multiplies the channels between input and outputs, rounded to multiples of 8.
    double width = 1;
    std::uint32_t seed = 1;
};

/// The eight architectures of the public zoo, in its order.
const std::vector<std::string>& names();

/// One of them as an exporter would write it (opset 13, batch 1), with random weights that keep activations
/// at a sane scale. The same options give the same model. std::invalid_argument for a name that is none.
onnx::ModelProto make(std::string_view name, const Options& options = {});

/// Multiplications of its convolutions and matrix products, and its parameters: to be compared with what is
/// published about the architecture.
struct Cost
{
    std::int64_t multiplications = 0;
    std::int64_t parameters = 0;
};
Cost cost_of(const onnx::ModelProto& model);

} // namespace zoo
