#pragma once

#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/model_info.hpp>
#include <furiosa/registry/registry.hpp>
