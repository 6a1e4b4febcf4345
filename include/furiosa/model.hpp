#pragma once

#include <furiosa/model/artifact.hpp>
#include <furiosa/model/load_model.hpp>
#include <furiosa/model/model.hpp>
#include <furiosa/model/progress_bar.hpp>

namespace furiosa {

using model::Artifact;
using model::async_list_models;
using model::async_load_model;
using model::list_models;
using model::load_model;
using model::LoadOptions;
using model::Model;
using model::ProgressBar;
using model::Resolve;
using registry::ArtifactKind;
using registry::Policy;
using registry::Registry;
using store::Progress;

} // namespace furiosa
