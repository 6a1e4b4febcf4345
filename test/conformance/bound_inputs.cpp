#include "conformance/bound_inputs.hpp"

#include <string_view>

namespace furiosa::test {

namespace {

struct Decisive
{
    std::string_view op_type;
    int first, last; // inputs
};

constexpr Decisive decisive[] = {{"ConstantOfShape", 0, 0}, {"Expand", 1, 1},  {"Pad", 1, 1},       {"Pad", 3, 3},
                                 {"Reshape", 1, 1},         {"Resize", 1, 3},  {"Slice", 1, 4},     {"Split", 1, 1},
                                 {"Squeeze", 1, 1},         {"Tile", 1, 2},    {"Unsqueeze", 1, 1}, {"Upsample", 1, 1}};

bool decides(const onnx::NodeProto& node, int input)
{
    if (node.op_type().starts_with("Reduce"))
        return input == 1;
    for (const auto& entry : decisive)
        if (entry.op_type == node.op_type() && input >= entry.first && input <= entry.last)
            return true;
    return false;
}

/// Shapes are static: what comes of them is known, whatever the tensor holds.
bool looks_at_shapes_only(const onnx::NodeProto& node)
{
    return node.op_type() == "Shape" || node.op_type() == "Size";
}

} // namespace

std::set<std::string> inputs_that_decide_shapes(const onnx::GraphProto& graph)
{
    std::set<std::string> wanted;
    for (int i = graph.node_size(); i-- != 0;) { // from readers to makers: nodes are in order
        const auto& node = graph.node(i);
        bool makes_wanted = false;
        for (const auto& output : node.output())
            makes_wanted = makes_wanted || wanted.contains(output);
        for (int k = 0; k != node.input_size(); ++k)
            if (decides(node, k) || (makes_wanted && !looks_at_shapes_only(node)))
                wanted.insert(node.input(k));
    }
    return wanted;
}

} // namespace furiosa::test
