#pragma once

#include <furiosa/model/artifact.hpp>
#include <furiosa/model/model.hpp>

#include <string_view>
#include <vector>

namespace furiosa::session {

/// The model's programs for a Warboy of that target, in the order in which they are offered to its runtime: those of
/// the version of its compiler, those that do not tell theirs, the others.
std::vector<model::Artifact> warboy_programs(const model::Model& model, std::string_view target,
                                             std::string_view compiler_version = {});

} // namespace furiosa::session
