#pragma once

#include <furiosa/compiler/graph.hpp>

namespace furiosa::compiler {

// Each pass takes a graph and gives one that computes the same, up to the rounding of float32.

/// Nodes whose inputs are all known become constants.
Graph fold_constants(Graph graph);

/// Gemm becomes MatMul and Add; GlobalAveragePool, GlobalMaxPool and the ReduceMean of an image's channels become
/// AveragePool and MaxPool; Identity goes.
Graph canonicalize(Graph graph);

/// A BatchNormalization behind a Conv or ConvTranspose goes into its weights; elsewhere it becomes Mul and Add.
Graph fold_batch_norm(Graph graph);

/// An Add of a constant, one number for each channel, behind a Conv, ConvTranspose or MatMul becomes its
/// bias.
Graph fuse_bias(Graph graph);

/// The sum of a Conv with another tensor of its shape becomes a part of the Conv, as its input 3.
Graph fuse_residual(Graph graph);

/// x * Sigmoid(x) becomes Silu, x * Clip(x + 3, 0, 6) / 6 and what amounts to it HardSwish.
Graph recognize_activations(Graph graph);

/// Transposes of transposes and reshapes of reshapes become one; what leaves all elements in their order
/// becomes a Reshape, or goes.
Graph simplify_movement(Graph graph);

/// Relu, Clip, Sigmoid, Silu, HardSwish, LeakyRelu, Elu and Tanh behind a Conv, ConvTranspose or MatMul become
/// its attribute "activation".
Graph fuse_activation(Graph graph);

/// Nodes and values that no output depends on go.
Graph remove_dead_code(Graph graph);

/// All of them, in the order that serves.
Graph optimize(Graph graph);

} // namespace furiosa::compiler
