#pragma once

#include "device/cpu/pointwise/pointwise.hpp"
#include "device/cpu/winograd/winograd.hpp"
#include "device/reference_convolution.hpp"
#include "program/sample_program.hpp"

#include <furiosa/device/cpu/executor.hpp>

#include <cstring>

namespace furiosa::test {

/// y = Relu(convolution of x), of 16 channels and 8 x 8, by one of our own algorithms: "winograd4" or "pointwise".
/// Operators 0 and 2 reorder x and y; tensors are x, x as an image, weights, bias, y as an image, y.
inline program::ProgramContent convolution_content(const std::string& algorithm)
{
    using program::Location;
    using program::OpKind;
    const bool winograd = algorithm != "pointwise";
    const auto values = random_floats(winograd ? 16 * 16 * 9 : 16 * 16, 1);
    auto weights = winograd ? device::cpu::pack_winograd_weights(device::cpu::winograd_tile(algorithm), 1, 16, 16, values)
                            : device::cpu::pack_pointwise_weights(16, 16, values);
    const auto count = static_cast<std::int64_t>(weights.size());
    weights.resize(weights.size() + 16, 0.25f); // the bias; 64 bytes after 64 bytes
    program::ProgramContent content;
    content.target = device::cpu::target();
    content.arena_size = 8192;
    content.tensors = {tensor("x", Location::input, 0, {1, 16, 8, 8}), tensor("x'", Location::arena, 0, {1, 16, 8, 8}),
                       tensor("w", Location::weight, 0, {count}),
                       tensor("b", Location::weight, static_cast<std::uint64_t>(count) * 4, {16}),
                       tensor("y'", Location::arena, 4096, {1, 16, 8, 8}), tensor("y", Location::output, 0, {1, 16, 8, 8})};
    content.tensors[1].format = content.tensors[4].format = "acdb";
    program::ProgramOperator conv{OpKind::conv, "conv", {1, 2, 3}, {4}, {}};
    const std::vector<std::int64_t> pads(2, winograd ? 1 : 0);
    conv.attributes.set("algorithm", algorithm);
    conv.attributes.set("bias", std::int64_t{1});
    conv.attributes.set("strides", std::vector<std::int64_t>{1, 1});
    conv.attributes.set("pads_begin", pads);
    conv.attributes.set("pads_end", pads);
    conv.attributes.set("activation", std::string("Relu"));
    content.operators = {{OpKind::reorder, "in", {0}, {1}, {}}, conv, {OpKind::reorder, "out", {4}, {5}, {}}};
    content.inputs = {0};
    content.outputs = {5};
    std::vector<std::byte> bytes(weights.size() * sizeof(float));
    std::memcpy(bytes.data(), weights.data(), bytes.size());
    content.weights = SharedBytes::own(std::move(bytes));
    return content;
}

} // namespace furiosa::test
