#pragma once

#include <furiosa/core/data_type.hpp>
#include <furiosa/core/shape.hpp>
#include <furiosa/core/tensor_view.hpp>
#include <furiosa/program/attributes.hpp>
#include <furiosa/program/op_kind.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace furiosa::operators {

using program::Attributes;
using program::OpKind;

/// The type and shape of a tensor: all that the definition of an operator asks of it.
struct TensorType
{
    DataType data_type = DataType::float32;
    Shape shape;

    friend bool operator==(const TensorType&, const TensorType&) = default;
};

/// One operator with its parameters, in the form that graphs and programs hold.
///
/// Whatever decides about shapes stands in the attributes, never in an input, so that a shape never depends on data:
/// where ONNX has an input (or, in other operator sets, an attribute), the frontend writes
///
///     Reshape, Expand               shape: the extents of the output
///     Slice                         starts, steps, extents: one of each for every axis; extents are the output's
///     Split                         axis, split: the sizes
///     Pad                           mode, pads: as many as twice the rank, negative ones cut; input 1 is the value
///     Tile                          repeats: one for every axis
///     Reduce…                       axes (all that are reduced, sorted), keepdims
///     Resize                        sizes: the extents of the output; scales: one for every axis; roi, mode, …
///     Cast                          to: a DataType
///     Clip                          min, max (float32), or inputs 1 and 2
///     Transpose                     perm, complete
///     Softmax, LogSoftmax           axis, that of opset 13; the frontend flattens for older ones
///
/// All other attributes are those of the newest operator set, by their ONNX names.
/// Axes are not negative. Conv, ConvTranspose and MatMul may carry what was fused into them: "activation" (an
/// operator's name) with its parameters, and, Conv, a residual of the output's shape as input 3 that is added before
/// the activation.
struct Operation
{
    OpKind kind;
    std::string_view name; ///< for errors
    const Attributes& attributes;
};

/// An input that is left out.
inline constexpr const TensorType* no_input = nullptr;

/// The outputs of an operator for such inputs, of which it has the first `outputs`.
///
/// All that must hold for `evaluate` to be safe is checked here: numbers of inputs, types, ranks, ranges of attributes.
/// Throws errc::malformed_model, invalid_shape or unsupported_operator, naming the operator.
std::vector<TensorType> infer(const Operation& operation, std::span<const TensorType* const> inputs,
                              std::size_t outputs);

/// Computes an operator by its definition, plainly: dense tensors, one thread. The compiler folds constants with it,
/// devices run with it what they have nothing faster for.
///
/// Inputs that are left out, and outputs that nobody wants, have no address; tensors without elements have one.
/// The tensors must be of the types that `infer` took and gave. Inputs and outputs do not overlap.
/// Throws errc::invalid_argument where the data themselves are out of range (an index of Gather).
void evaluate(const Operation& operation, std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs);

/// May `evaluate` be asked for this kind? Not for Constant and Reorder.
bool can_evaluate(OpKind kind) noexcept;

} // namespace furiosa::operators
