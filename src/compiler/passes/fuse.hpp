#pragma once

#include <furiosa/compiler/graph.hpp>

#include <optional>

namespace furiosa::compiler {

/// The node that makes `value` for one reader only, and so may take that reader's work over; or null.
Node* sole_producer(Graph& graph, ValueId value, const std::vector<std::optional<std::size_t>>& producers,
                    const std::vector<unsigned>& uses);

/// Lets `producer` make what `consumer` made; the consumer becomes an Identity without reader, for remove_dead_code.
void absorb(Graph& graph, Node& producer, Node& consumer);

} // namespace furiosa::compiler
