#pragma once

#include <furiosa/core/tensor.hpp>
#include <furiosa/operators/operation.hpp>

#include "support/throws_errc.hpp"

#include <initializer_list>
#include <memory>
#include <vector>

namespace furiosa::operators {

/// A tensor of the elements, which for bool may be written as numbers.
template <class T>
Tensor tensor(const Shape& shape, std::initializer_list<std::type_identity_t<T>> elements)
{
    Tensor result(data_type_of<T>, shape);
    REQUIRE(result.as<T>().size() == elements.size());
    std::ranges::copy(elements, result.as<T>().begin());
    return result;
}

template <class T>
Tensor scalar(std::type_identity_t<T> value)
{
    return tensor<T>({}, {value});
}

template <class T>
std::vector<T> elements(const Tensor& tensor)
{
    const auto span = tensor.as<T>();
    return {span.begin(), span.end()};
}

/// An operator that is not run in a program, but alone. Inputs that are left out are empty pointers.
class Operator
{
public:
    explicit Operator(OpKind kind) : kind_(kind) {}

    Operator& with(std::string name, program::Attribute value)
    {
        attributes_.set(std::move(name), std::move(value));
        return *this;
    }

    std::vector<TensorType> infer(const std::vector<const Tensor*>& inputs, std::size_t outputs = 1) const
    {
        std::vector<TensorType> types;
        types.reserve(inputs.size());
        std::vector<const TensorType*> pointers;
        for (const auto* input : inputs) {
            types.push_back(input ? TensorType{input->data_type(), input->shape()} : TensorType());
            pointers.push_back(input ? &types.back() : no_input);
        }
        return operators::infer({kind_, "n", attributes_}, pointers, outputs);
    }

    /// Computes outputs of the types that `infer` gives.
    std::vector<Tensor> run_all(const std::vector<const Tensor*>& inputs, std::size_t outputs) const
    {
        std::vector<Tensor> results;
        std::vector<TensorView> out;
        for (const auto& type : infer(inputs, outputs))
            results.emplace_back(type.data_type, type.shape);
        for (auto& result : results)
            out.push_back(result.view());
        std::vector<ConstTensorView> in;
        for (const auto* input : inputs)
            in.push_back(input ? input->view() : ConstTensorView());
        evaluate({kind_, "n", attributes_}, in, out);
        return results;
    }

    template <class... Tensors>
    Tensor operator()(const Tensors&... inputs) const
    {
        return std::move(run_all({address(inputs)...}, 1).front());
    }

private:
    static const Tensor* address(const Tensor& tensor) { return &tensor; }
    static const Tensor* address(std::nullptr_t) { return nullptr; }

    OpKind kind_;
    Attributes attributes_;
};

} // namespace furiosa::operators
