#pragma once

#include <furiosa/store/digest.hpp>
#include <furiosa/store/store.hpp>
