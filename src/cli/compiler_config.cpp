#include "cli/compiler_config.hpp"

#include <furiosa/compiler/compiler_config.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/shared_bytes.hpp>

namespace furiosa::cli {

std::string compiler_config(const std::filesystem::path& file)
{
    if (file.empty())
        return {};
    const auto bytes = SharedBytes::map(file);
    try {
        compiler::CompileOptions ignored;
        compiler::read_compiler_config(bytes.text(), ignored);
    } catch (const Error& error) {
        throw error.within(file.native());
    }
    return std::string(bytes.text());
}

} // namespace furiosa::cli
