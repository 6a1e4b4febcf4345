#include <furiosa/compiler/passes.hpp>

namespace furiosa::compiler {

Graph optimize(Graph graph)
{
    graph = canonicalize(std::move(graph));
    graph = fold_constants(std::move(graph));
    graph = fold_batch_norm(std::move(graph));
    // Each fusion hides the node behind it from the next: dead nodes go in between.
    graph = remove_dead_code(fuse_bias(std::move(graph)));
    graph = remove_dead_code(fuse_residual(std::move(graph)));
    graph = remove_dead_code(fuse_activation(std::move(graph)));
    return graph;
}

} // namespace furiosa::compiler
