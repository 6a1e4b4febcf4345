#pragma once

#include "core/json_writer.hpp"

#include <simdjson.h>

namespace furiosa::registry {

/// Writes a value of another document as it is, with lists of plain values on one line.
void write_element(JsonWriter& json, const simdjson::dom::element& value);

} // namespace furiosa::registry
