#pragma once

#include <furiosa/core/tensor.hpp>

#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace furiosa::test {

/// Writes small ONNX models.
class OnnxBuilder
{
public:
    explicit OnnxBuilder(std::int64_t opset = 13)
    {
        model_.set_ir_version(7);
        model_.mutable_graph()->set_name("test");
        model_.add_opset_import()->set_version(opset);
    }

    onnx::ModelProto& model() noexcept { return model_; }

    OnnxBuilder& input(const std::string& name, std::vector<std::int64_t> shape)
    {
        describe(*model_.mutable_graph()->add_input(), name, shape);
        return *this;
    }
    /// An input whose first dimension is a symbol.
    OnnxBuilder& symbolic_input(const std::string& name, const std::string& symbol, std::initializer_list<std::int64_t> rest,
                                std::size_t place = 0)
    {
        std::vector<std::int64_t> shape(rest);
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(place), 1);
        auto& value = *model_.mutable_graph()->add_input();
        describe(value, name, shape);
        value.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(static_cast<int>(place))->set_dim_param(symbol);
        return *this;
    }
    OnnxBuilder& output(const std::string& name)
    {
        auto& value = *model_.mutable_graph()->add_output();
        value.set_name(name);
        value.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
        return *this;
    }
    OnnxBuilder& weight(const std::string& name, const Tensor& tensor)
    {
        auto& proto = *model_.mutable_graph()->add_initializer();
        proto.set_name(name);
        proto.set_data_type(onnx::TensorProto::FLOAT);
        for (const auto extent : tensor.shape())
            proto.add_dims(extent);
        proto.set_raw_data(tensor.data(), tensor.size_in_bytes());
        return *this;
    }
    OnnxBuilder& integers(const std::string& name, std::initializer_list<std::int64_t> values)
    {
        auto& proto = *model_.mutable_graph()->add_initializer();
        proto.set_name(name);
        proto.set_data_type(onnx::TensorProto::INT64);
        proto.add_dims(static_cast<std::int64_t>(values.size()));
        for (const auto value : values)
            proto.add_int64_data(value);
        return *this;
    }

    /// A node called after its first output.
    OnnxBuilder& node(const std::string& op, std::initializer_list<std::string> inputs, std::initializer_list<std::string> outputs)
    {
        last_ = model_.mutable_graph()->add_node();
        last_->set_op_type(op);
        last_->set_name(*outputs.begin());
        for (const auto& name : inputs)
            last_->add_input(name);
        for (const auto& name : outputs)
            last_->add_output(name);
        return *this;
    }
    /// Attributes of the node that was added last.
    OnnxBuilder& ints(const std::string& name, std::initializer_list<std::int64_t> values)
    {
        auto& attribute = *last_->add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const auto value : values)
            attribute.add_ints(value);
        return *this;
    }
    OnnxBuilder& integer(const std::string& name, std::int64_t value)
    {
        auto& attribute = *last_->add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(value);
        return *this;
    }

    std::string bytes() const { return model_.SerializeAsString(); }

private:
    template <class Extents>
    static void describe(onnx::ValueInfoProto& value, const std::string& name, const Extents& shape)
    {
        value.set_name(name);
        auto& type = *value.mutable_type()->mutable_tensor_type();
        type.set_elem_type(onnx::TensorProto::FLOAT);
        type.mutable_shape();
        for (const auto extent : shape)
            type.mutable_shape()->add_dim()->set_dim_value(extent);
    }

    onnx::ModelProto model_;
    onnx::NodeProto* last_ = nullptr;
};

} // namespace furiosa::test
