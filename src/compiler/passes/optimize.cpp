#include <furiosa/compiler/passes.hpp>

namespace furiosa::compiler {

Graph optimize(Graph graph)
{
    graph = canonicalize(std::move(graph));
    graph = fold_constants(std::move(graph));
    graph = recognize_activations(std::move(graph));
    graph = simplify_movement(std::move(graph));
    graph = fold_batch_norm(std::move(graph));
    graph = fuse_bias(std::move(graph));
    graph = fuse_residual(std::move(graph));
    graph = fuse_activation(std::move(graph));
    return graph;
}

} // namespace furiosa::compiler
