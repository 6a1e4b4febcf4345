#pragma once

#include <furiosa/core/error.hpp>
#include <furiosa/operators/operation.hpp>

#include <cstdint>
#include <initializer_list>

namespace furiosa::operators {

/// What `infer` was asked, with the checks that operators have in common.
class Question
{
public:
    Question(const Operation& operation, std::span<const TensorType* const> inputs, std::size_t outputs)
        : operation_(operation), inputs_(inputs), outputs_(outputs)
    {
    }

    const Operation& operation() const noexcept { return operation_; }
    const Attributes& attributes() const noexcept { return operation_.attributes; }
    OpKind kind() const noexcept { return operation_.kind; }
    /// How many outputs are asked for.
    std::size_t outputs() const noexcept { return outputs_; }

    std::size_t input_count() const noexcept { return inputs_.size(); }
    bool has(std::size_t index) const noexcept { return index < inputs_.size() && inputs_[index]; }
    /// Throws errc::malformed_model if it is missing.
    const TensorType& input(std::size_t index) const;
    const Shape& shape(std::size_t index) const { return input(index).shape; }
    DataType type(std::size_t index) const { return input(index).data_type; }

    /// Throws errc::unsupported_operator unless input `index` is of one of these types.
    void require_type(std::size_t index, std::initializer_list<DataType> types) const;
    /// Throws errc::malformed_model unless input `index` is of that type.
    void require_same_type(std::size_t index, DataType type) const;
    /// Throws errc::invalid_shape unless input `index` has one element.
    void require_scalar(std::size_t index) const;

    /// An axis attribute in [0, rank). Throws errc::malformed_model for another.
    std::size_t axis(const char* name, std::int64_t otherwise, std::size_t rank) const;
    /// A list attribute of exactly `count` numbers from `least` to `most`. Throws errc::malformed_model.
    std::vector<std::int64_t> integers(const char* name, std::size_t count, std::int64_t least, std::int64_t most) const;

    /// errc::invalid_shape, naming the operator.
    template <class... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args) const
    {
        fail_with(errc::invalid_shape, fmt::format(what, std::forward<Args>(args)...));
    }
    [[noreturn]] void fail_with(errc code, std::string_view what) const;

private:
    const Operation& operation_;
    std::span<const TensorType* const> inputs_;
    std::size_t outputs_;
};

/// What `evaluate` works on.
struct Work
{
    const Operation& operation;
    std::span<const ConstTensorView> inputs;
    std::span<const TensorView> outputs;

    const Attributes& attributes() const noexcept { return operation.attributes; }
    OpKind kind() const noexcept { return operation.kind; }
    /// A list attribute where it lies, so that nothing is allocated; empty if there is none.
    std::span<const std::int64_t> integers(std::string_view name) const;
    bool has(std::size_t index) const noexcept { return index < inputs.size() && inputs[index].data(); }
    bool wants(std::size_t index) const noexcept { return index < outputs.size() && outputs[index].data(); }
};

/// An operator: what its outputs are, and how they are computed.
struct Definition
{
    std::size_t least_inputs;
    std::size_t most_inputs; ///< SIZE_MAX: as many as there are
    std::size_t most_outputs;
    std::vector<TensorType> (*infer)(const Question&);
    void (*evaluate)(const Work&);
};

/// Null for kinds that have none.
const Definition* definition_of(OpKind kind) noexcept;

} // namespace furiosa::operators
