#pragma once

#include <furiosa/compiler/graph.hpp>
#include <furiosa/program/program.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace furiosa::compiler {

using program::TensorIndex;

/// Puts a program together: tensors that may share memory, weights, operators; places all at the end.
class ProgramBuilder
{
public:
    TensorIndex add_input(const TensorDesc& desc);
    /// A tensor that an operator will write, of `size` bytes in its format.
    TensorIndex add_tensor(const TensorDesc& desc, std::string format, std::uint64_t size);
    TensorIndex add_weight(const TensorDesc& desc, std::string format, std::span<const std::byte> bytes);
    /// The same memory as `of` under another description.
    TensorIndex add_alias(TensorIndex of, const TensorDesc& desc, std::string format);
    /// Some of the channels of an image: `start` bytes behind its beginning.
    TensorIndex add_part(TensorIndex of, const TensorDesc& desc, std::string format, std::uint64_t start,
                         std::uint64_t size);
    void add_operator(program::ProgramOperator op) { content_.operators.push_back(std::move(op)); }

    /// Lets `tensor` be written straight into the caller's buffer; false if it lies elsewhere already.
    bool make_output(TensorIndex tensor);
    void add_output(TensorIndex tensor);

    const program::ProgramTensor& tensor(TensorIndex index) const { return content_.tensors[index]; }

    /// Plans the arena and gives the whole.
    program::ProgramContent finish(std::string target);

    /// The tensor whose memory this one shares: itself unless it is an alias.
    TensorIndex root_of(TensorIndex index) const;
    /// Do two tensors begin at the same place?
    bool begin_together(TensorIndex a, TensorIndex b) const;

private:
    TensorIndex add(program::ProgramTensor tensor);
    void place_in_arena();

    program::ProgramContent content_;
    std::vector<TensorIndex> roots_;    // whose memory each tensor is in
    std::vector<std::uint64_t> starts_; // and how far behind its beginning
    std::vector<std::byte> weights_;
};

} // namespace furiosa::compiler
