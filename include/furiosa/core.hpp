#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/data_type.hpp>
#include <furiosa/core/errc.hpp>
#include <furiosa/core/error.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include <furiosa/core/shape.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/core/tensor.hpp>
#include <furiosa/core/tensor_desc.hpp>
#include <furiosa/core/tensor_view.hpp>
