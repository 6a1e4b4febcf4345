#pragma once

#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/model_info.hpp>
#include <furiosa/registry/publish.hpp>
#include <furiosa/registry/registries.hpp>
#include <furiosa/registry/registry.hpp>
