#pragma once

#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/program/attributes.hpp>
#include <furiosa/program/op_kind.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::program {

/// Where a tensor of a program lives.
enum class Location : std::uint8_t {
    arena,  ///< at `offset` in the memory of the run
    weight, ///< at `offset` among the weights of the file
    input,  ///< in the caller's input buffer of number `offset`
    output, ///< in the caller's output buffer of number `offset`
};

struct ProgramTensor
{
    TensorDesc desc;
    /// How the elements lie in memory, by the target's own name, as "aBcd16b"; empty is dense and row-major.
    std::string format;
    Location location = Location::arena;
    std::uint64_t offset = 0;
    /// Bytes that it takes there, padding of the format included.
    std::uint64_t size = 0;
};

using TensorIndex = std::uint32_t;
/// An input of an operator that is left out.
inline constexpr TensorIndex no_tensor = UINT32_MAX;

struct ProgramOperator
{
    OpKind kind = OpKind::identity;
    /// The node that it came from, for errors and profiles.
    std::string name;
    std::vector<TensorIndex> inputs;
    std::vector<TensorIndex> outputs;
    Attributes attributes;
};

/// All that a program is: what the compiler makes, what `serialize` writes and `Program::open` reads.
struct ProgramContent
{
    std::string target;
    std::uint64_t arena_size = 0;
    std::vector<ProgramTensor> tensors;
    std::vector<ProgramOperator> operators; ///< in the order of execution
    std::vector<TensorIndex> inputs;
    std::vector<TensorIndex> outputs;
    SharedBytes weights;
};

/// An executable program (ENF): immutable, cheap to copy, safe to share among threads.
///
/// Its file is mapped, not read: weights are used where they lie, and shared among sessions and processes.
class Program
{
public:
    Program() = default;

    /// Opens the bytes of a program file, which are checked whole before anything is used: every offset, size and
    /// index. Throws errc::malformed_program, with what is wrong and where; program_version_mismatch; and
    /// program_target_mismatch for the vendor's programs, which another kind of device runs.
    static Program open(SharedBytes file);

    /// Throws errc::program_target_mismatch unless it was compiled for `target`.
    void require_target(std::string_view target) const;

    std::string_view target() const noexcept { return content_->target; }
    const std::vector<TensorDesc>& inputs() const noexcept { return *inputs_; }
    const std::vector<TensorDesc>& outputs() const noexcept { return *outputs_; }
    const ProgramContent& content() const noexcept { return *content_; }
    std::uint64_t arena_size() const noexcept { return content_->arena_size; }

    /// The bytes of the file.
    const SharedBytes& bytes() const noexcept { return file_; }

private:
    SharedBytes file_;
    std::shared_ptr<const ProgramContent> content_;
    std::shared_ptr<const std::vector<TensorDesc>> inputs_;
    std::shared_ptr<const std::vector<TensorDesc>> outputs_;
};

/// The bytes of a program file. The same content gives the same bytes.
SharedBytes serialize(const ProgramContent& content);

} // namespace furiosa::program
