#include "session/warboy_programs.hpp"

#include <furiosa/device/npu/card.hpp>

#include <utility>

namespace furiosa::session {

namespace {

/// How well a program of that version suits the runtime that has this compiler: 0 is best.
int rank_of(std::string_view ir_version, std::string_view compiler_version)
{
    if (ir_version.empty())
        return 1;
    return ir_version == compiler_version ? 0 : 2;
}

} // namespace

std::vector<model::Artifact> warboy_programs(const model::Model& model, std::string_view target,
                                             std::string_view compiler_version)
{
    std::vector<model::Artifact> programs;
    for (int rank = 0; rank <= 2; ++rank)
        for (auto& artifact : model.artifacts())
            if (artifact.kind() == registry::ArtifactKind::enf &&
                device::npu::is_warboy_target(artifact.target(), target) &&
                rank_of(artifact.ir_version(), compiler_version) == rank)
                programs.push_back(std::move(artifact));
    return programs;
}

} // namespace furiosa::session
