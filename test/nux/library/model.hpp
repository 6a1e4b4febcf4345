#pragma once

#include <furiosa/program/program.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace furiosa::test::nux {

/// The inputs and outputs of a session's program, as they are known outside.
class Model : public std::enable_shared_from_this<Model>
{
public:
    /// Throws unsupported_feature if a tensor has a type that the vendor has no code for.
    explicit Model(program::Program program);

    const program::Program& program() const noexcept { return program_; }

    /// It and its descriptions are handles from now on, until `withdraw`.
    void publish();
    void withdraw();

private:
    program::Program program_;
};

/// The vendor's code. Throws unsupported_feature.
int dtype_code(DataType type);

} // namespace furiosa::test::nux
