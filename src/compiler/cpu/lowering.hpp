#pragma once

#include "compiler/cpu/lower.hpp"
#include "compiler/cpu/program_builder.hpp"

#include <furiosa/compiler/graph.hpp>
#include <furiosa/operators/window.hpp>

#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::compiler {

/// Makes the program of a graph: node by node, each in the file of its family (lower_….cpp).
///
/// A value may lie in several formats at once; each node takes its inputs in the format that they have, where
/// it can, and what is missing is reordered. On processors with AVX-512 images lie with the channels
/// innermost (NHWC): all of oneDNN's faster kernels take that, and so do our own.
class Lowering
{
    static constexpr std::size_t channel_axis = 1;

public:
    Lowering(const Graph& graph, const LoweringOptions& options);

    program::ProgramContent run();

private:
    bool suits_onednn(const Node& node) const;
    void lower(const Node& node);
    void lower_plain(const Node& node);
    void lower_output(ValueId id);

    // lower_concat.cpp: Concat in place
    struct Home
    {
        ValueId concat;
        std::int64_t first_channel;
    };
    bool is_image(ValueId id) const;
    bool joins_channels(const Node& node) const;
    void find_parts();
    void find_homes();
    TensorIndex whole(ValueId concat);
    TensorIndex at_home(ValueId id);
    TensorIndex part_of(TensorIndex image, const TensorDesc& desc, std::int64_t first_channel);
    bool lower_to_part(ValueId image, ValueId part, std::int64_t first_channel);
    void lower_concat(const Node& node);

    // lower_convolution.cpp
    bool runs_own_kernel(const Node& node) const;
    operators::Window window_of(const Node& node) const;
    void lower_conv(const Node& node);
    bool lower_winograd(const Node& node, const operators::Window& window);
    bool suits_pointwise(const Node& node, const operators::Window& window) const;
    bool lower_pointwise(const Node& node, const operators::Window& window);
    TensorIndex add_packed(const std::string& name, std::span<const float> packed);
    void emit_own(const Node& node, const operators::Window& window, const std::string& algorithm,
                  std::span<const float> packed);
    dnnl::convolution_forward::primitive_desc convolution_for(const Node& node, const Attributes& attributes,
                                                              const TensorDesc& weights) const;
    TensorDesc weights_desc(const Node& node) const;
    TensorIndex make_image(const Node& node, std::optional<TensorIndex> residual);
    TensorIndex make_accumulator(const Node& node, const dnnl::memory::desc& layout);
    TensorIndex place_weights(ValueId id, const TensorDesc& desc, const dnnl::memory::desc& layout);

    // lower_transposed.cpp
    void lower_conv_transpose(const Node& node);
    std::optional<dnnl::deconvolution_forward::primitive_desc>
    deconvolution_for(const Node& node, const Attributes& attributes, const TensorDesc& weights) const;

    // lower_mat_mul.cpp
    void lower_mat_mul(const Node& node);
    bool lower_to_pointwise(const Node& node);
    TensorIndex as_pixels(TensorIndex tensor);
    TensorIndex in_format_for_factor(const Node& node, std::size_t rank);

    // lower_elementwise.cpp
    void lower_binary(const Node& node);
    void lower_eltwise(const Node& node);
    void lower_softmax(const Node& node);

    // lower_pooling.cpp
    void lower_pool(const Node& node);
    void lower_resize(const Node& node);

    // lower_movement.cpp
    void lower_transpose(const Node& node);
    void lower_reshape(const Node& node);
    void lower_slice(const Node& node);
    void lower_split(const Node& node);

    // lower_formats.cpp: values as tensors
    dnnl::memory::desc desc_of(TensorIndex index) const;
    dnnl::memory::desc dense_desc(ValueId id) const;
    /// With the channels innermost, if images lie so here; else dense.
    std::string image_format(const Shape& shape) const;
    /// The value in the format that it has: that in which it was made, without gaps.
    TensorIndex as_it_is(ValueId id);
    /// The value as an image with the channels innermost, maybe with gaps between the pixels.
    TensorIndex as_image(ValueId id);
    /// The value in a given format: constants are packed now, others reordered when they are not there yet.
    TensorIndex in_format(ValueId id, const std::string& format);
    TensorIndex pack(const TensorDesc& desc, const ConstTensorView& elements, const std::string& format);
    TensorIndex add_tensor(const TensorDesc& desc, const dnnl::memory::desc& layout);
    /// An output of a node, in the format of `layout`.
    TensorIndex make_output(const Node& node, const dnnl::memory::desc& layout, std::size_t number = 0);
    /// The output in the memory of an input that nobody needs any more, or, if somebody does, in its own.
    TensorIndex make_output_over(const Node& node, TensorIndex input, ValueId value);
    TensorIndex place(ValueId id, TensorIndex index);
    /// Whether nothing but the one use of `value` is left of what lies in the memory of a tensor.
    bool dies_with(TensorIndex index, ValueId value) const;
    /// The same elements with leading extents of 1.
    TensorIndex with_rank(TensorIndex index, std::size_t rank);
    void emit(OpKind kind, std::string name, std::vector<TensorIndex> inputs, TensorIndex output,
              Attributes attributes);

    static Attributes window_attributes(const Node& node, const operators::Window& window);
    static void copy_activation(const Node& node, Attributes& attributes);

    const Graph& graph_;
    const LoweringOptions& options_;
    dnnl::engine engine_;
    ProgramBuilder builder_;
    std::vector<unsigned> uses_left_; // of each value, by the nodes that are not lowered yet and as an output
    std::map<std::pair<ValueId, std::string>, TensorIndex> placed_; // values in the formats that are there
    std::map<ValueId, TensorIndex> newest_;         // values in the format in which they were made
    std::set<ValueId> parts_;                       // images that may have gaps between the pixels
    std::map<ValueId, Home> homes_;                 // where in the output of a Concat values are made
    std::map<ValueId, TensorIndex> wholes_;         // outputs of Concat, of which some may be made already
    std::map<std::string, std::string> algorithms_; // that were chosen for convolutions of some shape
};

} // namespace furiosa::compiler
