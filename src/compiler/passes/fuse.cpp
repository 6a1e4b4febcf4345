#include "compiler/passes/fuse.hpp"

namespace furiosa::compiler {

Node* sole_producer(Graph& graph, ValueId value, const std::vector<std::optional<std::size_t>>& producers,
                    const std::vector<unsigned>& uses)
{
    if (value == no_value || value >= producers.size() || !producers[value] || uses[value] != 1)
        return nullptr;
    return &graph.nodes[*producers[value]];
}

void absorb(Graph& graph, Node& producer, Node& consumer)
{
    Value unread = graph.at(producer.outputs[0]);
    unread.desc.name += "/unread";
    const auto absorbed = producer.outputs[0];
    producer.outputs = consumer.outputs;
    consumer.kind = OpKind::identity;
    consumer.inputs = {absorbed};
    consumer.outputs = {graph.add(std::move(unread))};
    consumer.attributes = {};
}

} // namespace furiosa::compiler
