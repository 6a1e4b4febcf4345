#pragma once

#include <furiosa/program/program.hpp>

#include <cstring>

namespace furiosa::test {

inline program::ProgramTensor tensor(std::string name, program::Location location, std::uint64_t offset,
                                     std::initializer_list<std::int64_t> shape)
{
    program::ProgramTensor made;
    made.desc.name = std::move(name);
    made.desc.shape = Shape(shape);
    made.location = location;
    made.offset = offset;
    made.size = made.desc.size_in_bytes();
    return made;
}

/// y = relu(x + w): an input, a weight, a tensor in the arena, an output.
inline program::ProgramContent sample_content()
{
    using program::Location;
    using program::OpKind;
    program::ProgramContent content;
    content.target = "cpu-test";
    content.arena_size = 128;
    content.tensors = {tensor("x", Location::input, 0, {2, 4}), tensor("w", Location::weight, 64, {2, 4}),
                       tensor("sum", Location::arena, 64, {2, 4}), tensor("y", Location::output, 0, {2, 4})};
    content.tensors[0].desc.layout = "NC";
    content.tensors[1].desc.quantization = Quantization{{0.5f, 0.25f}, {1, 2}, 0};
    program::ProgramOperator add{OpKind::add, "plus", {0, 1}, {2}, {}};
    add.attributes.set("an integer", std::int64_t{-7});
    add.attributes.set("a real", 0.5f);
    add.attributes.set("a text", std::string("Relu"));
    add.attributes.set("integers", std::vector<std::int64_t>{1, 2, 3});
    add.attributes.set("reals", std::vector<float>{1.5f, -2});
    content.operators = {add, {OpKind::relu, "activation", {2}, {3}, {}}};
    content.inputs = {0};
    content.outputs = {3};
    std::vector<std::byte> weights(96);
    std::memset(weights.data(), 0x3f, weights.size());
    content.weights = SharedBytes::own(std::move(weights));
    return content;
}

} // namespace furiosa::test
