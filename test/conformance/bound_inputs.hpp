#pragma once

#include <onnx/onnx_pb.h>
#include <set>
#include <string>

namespace furiosa::test {

/// The inputs of a graph that decide about shapes, directly or through further nodes: shapes, axes, pads, repeats,
/// slices, scales. A program has static shapes, so these must be known when it is compiled.
std::set<std::string> inputs_that_decide_shapes(const onnx::GraphProto& graph);

} // namespace furiosa::test
