#include <furiosa/compiler/infer_shape.hpp>
#include <furiosa/compiler/passes.hpp>

#include <algorithm>
#include <numeric>

namespace furiosa::compiler {

namespace {

/// Builds the new list of nodes beside the old one.
class Rewriter
{
public:
    explicit Rewriter(Graph graph) : graph_(std::move(graph)) {}

    Graph run()
    {
        auto nodes = std::move(graph_.nodes);
        graph_.nodes.clear();
        for (auto& node : nodes)
            rewrite(std::move(node));
        // Names for removed nodes' outputs: readers take what went in.
        for (auto& node : graph_.nodes)
            for (auto& input : node.inputs)
                input = original(input);
        for (auto& output : graph_.outputs)
            output = original(output);
        return std::move(graph_);
    }

private:
    void rewrite(Node node)
    {
        switch (node.kind) {
        case OpKind::gemm: return rewrite_gemm(std::move(node));
        case OpKind::global_average_pool: return rewrite_global_pool(std::move(node), OpKind::average_pool);
        case OpKind::global_max_pool: return rewrite_global_pool(std::move(node), OpKind::max_pool);
        case OpKind::identity: replaced_.emplace_back(node.outputs[0], node.inputs[0]); return;
        case OpKind::reduce_mean: return rewrite_mean(std::move(node));
        default: graph_.nodes.push_back(std::move(node));
        }
    }

    ValueId original(ValueId id) const
    {
        for (auto replaced = replaced_.rbegin(); replaced != replaced_.rend(); ++replaced)
            if (replaced->first == id)
                id = replaced->second;
        return id;
    }

    ValueId append(std::string name, OpKind kind, std::vector<ValueId> inputs, ValueId output = no_value,
                   Attributes attributes = {})
    {
        Node node;
        node.attributes = std::move(attributes);
        node.kind = kind;
        node.name = std::move(name);
        node.inputs = std::move(inputs);
        if (output == no_value) {
            Value value;
            value.desc.name = node.name;
            output = graph_.add(std::move(value));
        }
        node.outputs = {output};
        infer_shape(graph_, node);
        graph_.nodes.push_back(std::move(node));
        return output;
    }

    ValueId scalar(std::string name, float value)
    {
        return graph_.add_constant(std::move(name), {std::span<const float>(&value, 1), Shape{}});
    }

    ValueId transposed(std::string name, ValueId matrix)
    {
        Attributes attributes;
        attributes.set("perm", std::vector<std::int64_t>{1, 0});
        return append(std::move(name), OpKind::transpose, {matrix}, no_value, std::move(attributes));
    }

    /// alpha * A' * B' + beta * C
    void rewrite_gemm(Node node)
    {
        if (graph_.at(node.inputs[0]).desc.data_type != DataType::float32) {
            graph_.nodes.push_back(std::move(node));
            return;
        }
        auto a = node.inputs[0];
        auto b = node.inputs[1];
        if (node.attributes.integer("transA") != 0)
            a = transposed(node.name + "/A", a);
        if (node.attributes.integer("transB") != 0)
            b = transposed(node.name + "/B", b);
        if (const auto alpha = node.attributes.real("alpha", 1); alpha != 1)
            b = append(node.name + "/alpha", OpKind::mul, {b, scalar(node.name + "/alpha_value", alpha)});
        if (!node.has_input(2)) {
            append(node.name, OpKind::mat_mul, {a, b}, node.outputs[0]);
            return;
        }
        auto c = node.inputs[2];
        if (const auto beta = node.attributes.real("beta", 1); beta != 1)
            c = append(node.name + "/beta", OpKind::mul, {c, scalar(node.name + "/beta_value", beta)});
        const auto product = append(node.name + "/product", OpKind::mat_mul, {a, b});
        append(node.name, OpKind::add, {product, c}, node.outputs[0]);
    }

    /// Can one window of a pool be as large as all the planes of x? There is none of nothing, nor one of four axes.
    static bool fits_window(const Shape& x)
    {
        constexpr std::int64_t largest = 1 << 20;
        return x.element_count() != 0 && x.rank() <= 5 &&
               std::all_of(x.begin() + 2, x.end(), [](std::int64_t extent) { return extent <= largest; });
    }

    static Attributes whole_window(const Shape& x)
    {
        Attributes attributes;
        attributes.set("kernel_shape", std::vector<std::int64_t>(x.begin() + 2, x.end()));
        return attributes;
    }

    void rewrite_global_pool(Node node, OpKind pool)
    {
        const auto& x = graph_.shape(node.inputs[0]);
        if (fits_window(x)) {
            node.kind = pool;
            node.attributes = whole_window(x);
        }
        graph_.nodes.push_back(std::move(node));
    }

    /// The mean of each channel of an image is a pool.
    void rewrite_mean(Node node)
    {
        const auto& x = graph_.at(node.inputs[0]).desc;
        std::vector<std::int64_t> spatial(std::max<std::size_t>(x.shape.rank(), 2) - 2);
        std::iota(spatial.begin(), spatial.end(), 2);
        if (x.data_type != DataType::float32 || spatial.size() < 2 || !fits_window(x.shape) ||
            node.attributes.integers("axes") != spatial) {
            graph_.nodes.push_back(std::move(node));
            return;
        }
        auto window = whole_window(x.shape);
        if (node.attributes.integer("keepdims", 1) != 0) {
            append(node.name, OpKind::average_pool, {node.inputs[0]}, node.outputs[0], std::move(window));
            return;
        }
        const auto pooled =
            append(node.name + "/pool", OpKind::average_pool, {node.inputs[0]}, no_value, std::move(window));
        const auto& y = graph_.shape(node.outputs[0]);
        Attributes attributes;
        attributes.set("shape", std::vector<std::int64_t>(y.begin(), y.end()));
        append(node.name, OpKind::reshape, {pooled}, node.outputs[0], std::move(attributes));
    }

    Graph graph_;
    std::vector<std::pair<ValueId, ValueId>> replaced_;
};

} // namespace

Graph canonicalize(Graph graph)
{
    return Rewriter(std::move(graph)).run();
}

} // namespace furiosa::compiler
