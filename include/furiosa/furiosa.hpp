#pragma once

#include <furiosa/core.hpp>
#include <furiosa/device.hpp>
#include <furiosa/model.hpp>
#include <furiosa/registry.hpp>
#include <furiosa/session.hpp>
#include <furiosa/store.hpp>
