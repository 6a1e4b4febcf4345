#include "device/cpu/operators/operators.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

namespace furiosa::device::cpu {

namespace {

using dnnl::memory;

/// A tensor as `count` runs of adjacent elements, each with all elements of some axis and those within it.
struct Runs
{
    std::int64_t count = 1;
    std::int64_t size = 1;
    std::int64_t step = 0; ///< from one to the next
};

using AxisOrder = std::vector<std::size_t>;

/// From the innermost axis to the outermost.
AxisOrder axes_as_they_lie(const memory::desc& desc)
{
    AxisOrder order(desc.dims().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto* strides = desc.data.format_desc.blocking.strides;
    std::ranges::sort(order, {}, [&](std::size_t axis) { return std::pair(strides[axis], order.size() - axis); });
    return order;
}

bool has_no_elements(const memory::desc& desc)
{
    const auto dims = desc.dims();
    return std::ranges::find(dims, 0) != dims.end();
}

std::optional<Runs> runs_of(const memory::desc& desc, std::size_t axis, const AxisOrder& order)
{
    const auto& blocking = desc.data.format_desc.blocking;
    const auto dims = desc.dims();
    if (blocking.inner_nblks != 0)
        return std::nullopt;
    if (has_no_elements(desc))
        return Runs{0, 0, 0};
    Runs runs;
    bool within = true;
    for (const auto i : order) {
        const auto expected = within ? runs.size : runs.step * runs.count;
        if (dims[i] != 1 && (within || runs.count != 1) && blocking.strides[i] != expected)
            return std::nullopt;
        if (within)
            runs.size *= dims[i];
        else if (dims[i] != 1 && runs.count == 1)
            runs.step = blocking.strides[i];
        if (!within)
            runs.count *= dims[i];
        within = within && i != axis;
    }
    return runs;
}

/// Copies runs, unless they are where they belong already: an operator before wrote them there.
class ConcatStep final : public Step
{
public:
    ConcatStep(Team& team, memory destination, const Runs& runs)
        : team_(team),
          destination_(std::move(destination)),
          destination_runs_(runs),
          element_(static_cast<std::ptrdiff_t>(memory::data_type_size(destination_.get_desc().data_type())))
    {
    }

    /// Behind what is there.
    void add(memory source, const Runs& runs)
    {
        if (runs.size != 0)
            pieces_.push_back({std::move(source), runs, filled_});
        filled_ += runs.size;
    }

    /// Do the pieces make up the whole?
    bool is_complete() const noexcept { return filled_ == destination_runs_.size; }

    void run(dnnl_stream_t) override
    {
        if (std::ranges::all_of(pieces_, [&](const Piece& piece) { return is_there(piece); }))
            return;
        const auto count = destination_runs_.count;
        constexpr std::int64_t fewest = 16 * 1024; // elements: what takes as long as to wake the others
        const auto wanted = count * destination_runs_.size < fewest ? 1 : parts_for(team_);
        const auto parts = static_cast<int>(std::min<std::int64_t>(wanted, count));
        team_.run(parts, [&](int part, int) {
            for (const auto& piece : pieces_)
                if (!is_there(piece))
                    copy(piece, count * part / parts, count * (part + 1) / parts);
        });
    }

private:
    struct Piece
    {
        memory source;
        Runs runs;
        std::int64_t start; ///< within the runs of the destination
    };

    const std::byte* source_of(const Piece& piece) const
    {
        return static_cast<const std::byte*>(piece.source.get_data_handle());
    }

    std::byte* destination_of(const Piece& piece) const
    {
        return static_cast<std::byte*>(destination_.get_data_handle()) + piece.start * element_;
    }

    bool is_there(const Piece& piece) const
    {
        return source_of(piece) == destination_of(piece) && piece.runs.step == destination_runs_.step;
    }

    void copy(const Piece& piece, std::int64_t begin, std::int64_t end) const
    {
        for (auto i = begin; i != end; ++i)
            std::memmove(destination_of(piece) + i * destination_runs_.step * element_,
                         source_of(piece) + i * piece.runs.step * element_,
                         static_cast<std::size_t>(piece.runs.size * element_));
    }

    Team& team_;
    memory destination_;
    Runs destination_runs_;
    std::ptrdiff_t element_;
    std::int64_t filled_ = 0;
    std::vector<Piece> pieces_;
};

bool differ_only_along(const memory::desc& a, const memory::desc& b, std::size_t axis)
{
    auto x = a.dims();
    x[axis] = b.dims()[axis];
    return x == b.dims() && a.data_type() == b.data_type();
}

/// Null where the tensors lie in blocks.
std::unique_ptr<Step> make_copies(StepBuilder& builder, const program::ProgramOperator& op, std::size_t axis)
{
    const auto whole = builder.desc(op.outputs[0]);
    const auto order = axes_as_they_lie(whole);
    const auto runs = runs_of(whole, axis, order);
    if (!runs)
        return nullptr;
    auto step = std::make_unique<ConcatStep>(builder.team(), builder.memory(op.outputs[0]), *runs);
    for (const auto input : op.inputs) {
        const auto piece = builder.desc(input);
        if (!differ_only_along(piece, whole, axis))
            throw dnnl::error(dnnl_invalid_arguments, "an input has another shape or type than the output");
        const auto own = runs_of(piece, axis, order);
        if (!own)
            return nullptr;
        step->add(builder.memory(input), *own);
    }
    if (!step->is_complete())
        throw dnnl::error(dnnl_invalid_arguments, "the inputs are more or less than the output");
    return step;
}

} // namespace

std::unique_ptr<Step> make_concat(StepBuilder& builder, const program::ProgramOperator& op)
{
    require_inputs(op, 1, std::max<std::size_t>(op.inputs.size(), 1));
    const auto axis = op.attributes.integer("axis");
    const auto rank = builder.desc(op.outputs[0]).dims().size();
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank))
        throw dnnl::error(dnnl_invalid_arguments, "there is no such axis");
    for (const auto input : op.inputs)
        if (builder.desc(input).dims().size() != rank)
            throw dnnl::error(dnnl_invalid_arguments, "an input has another number of axes than the output");
    if (auto step = make_copies(builder, op, static_cast<std::size_t>(axis)))
        return step;
    std::vector<memory::desc> sources;
    std::vector<std::pair<int, program::TensorIndex>> tensors{{DNNL_ARG_DST, op.outputs[0]}};
    for (std::size_t i = 0; i != op.inputs.size(); ++i) {
        sources.push_back(builder.desc(op.inputs[i]));
        tensors.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), op.inputs[i]);
    }
    const dnnl::concat::primitive_desc desc(builder.desc(op.outputs[0]), static_cast<int>(axis), sources,
                                            builder.engine(), primitive_attributes(op.attributes));
    return builder.step(dnnl::concat(desc), desc.scratchpad_desc(), tensors);
}

} // namespace furiosa::device::cpu
