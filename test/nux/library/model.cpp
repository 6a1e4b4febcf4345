#include "nux/library/model.hpp"

#include "nux/library/handles.hpp"

namespace furiosa::test::nux {

Model::Model(program::Program program) : program_(std::move(program))
{
    for (const auto* descs : {&program_.inputs(), &program_.outputs()})
        for (const auto& desc : *descs)
            dtype_code(desc.data_type);
}

void Model::publish()
{
    Handles<Model>::add(shared_from_this());
    for (const auto* descs : {&program_.inputs(), &program_.outputs()})
        for (const auto& desc : *descs)
            Handles<const TensorDesc>::add({shared_from_this(), &desc});
}

void Model::withdraw()
{
    for (const auto* descs : {&program_.inputs(), &program_.outputs()})
        for (const auto& desc : *descs)
            Handles<const TensorDesc>::take(&desc);
    Handles<Model>::take(this);
}

int dtype_code(DataType type)
{
    switch (type) {
    case DataType::float32: return 0;
    case DataType::uint8: return 1;
    case DataType::int8: return 2;
    case DataType::int32: return 3;
    case DataType::int64: return 4;
    case DataType::bfloat16: return 5;
    case DataType::float16:
    case DataType::boolean: break;
    }
    throw Failure{unsupported_feature};
}

} // namespace furiosa::test::nux
