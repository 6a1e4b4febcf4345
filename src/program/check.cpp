#include "program/check.hpp"

#include "program/file_header.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

namespace furiosa::program {

namespace {

constexpr std::uint64_t largest_arena = std::uint64_t{1} << 36;

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args)
{
    throw Error(errc::malformed_program, fmt::format("the program file is damaged: {}",
                                                     fmt::format(what, std::forward<Args>(args)...)));
}

bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t room)
{
    return offset <= room && size <= room - offset;
}

void check_room(const ProgramContent& content, const ProgramTensor& tensor, std::size_t index)
{
    const auto in = [&](std::uint64_t room, const char* what) {
        if (!fits(tensor.offset, tensor.size, room))
            fail("tensor {} '{}' ends behind the {}", index, tensor.desc.name, what);
        if (tensor.offset % file_alignment != 0)
            fail("tensor {} '{}' is not aligned", index, tensor.desc.name);
    };
    const auto in_list = [&](const std::vector<TensorIndex>& list, const char* what) {
        if (tensor.offset >= list.size())
            fail("tensor {} '{}' lies in {} {}, which is not there", index, tensor.desc.name, what, tensor.offset);
        if (!tensor.format.empty() || tensor.size != tensor.desc.size_in_bytes())
            fail("tensor {} '{}' lies in the caller's memory but is not dense", index, tensor.desc.name);
        const auto owner = list[tensor.offset];
        if (content.tensors[owner].desc.size_in_bytes() != tensor.size)
            fail("tensor {} '{}' is not as large as {} {}", index, tensor.desc.name, what, tensor.offset);
    };
    switch (tensor.location) {
    case Location::arena: return in(content.arena_size, "arena");
    case Location::weight: return in(content.weights.size(), "weights");
    case Location::input: return in_list(content.inputs, "input");
    case Location::output: return in_list(content.outputs, "output");
    }
    fail("tensor {} lies nowhere", index);
}

void check_quantization(const TensorDesc& desc, std::size_t index)
{
    if (!desc.quantization)
        return;
    const auto& q = *desc.quantization;
    if (q.axis && *q.axis >= desc.shape.rank())
        fail("tensor {} is quantized along an axis that it has not", index);
    const auto expected = q.axis ? static_cast<std::size_t>(desc.shape[*q.axis]) : 1;
    if (q.scales.size() != expected || q.zero_points.size() != expected)
        fail("tensor {} has {} scales instead of {}", index, q.scales.size(), expected);
}

void check_list(const ProgramContent& content, const std::vector<TensorIndex>& list, Location location, const char* what)
{
    for (std::size_t i = 0; i != list.size(); ++i) {
        if (list[i] >= content.tensors.size())
            fail("{} {} is tensor {}, which is not there", what, i, list[i]);
        const auto& tensor = content.tensors[list[i]];
        if (tensor.location != location || tensor.offset != i)
            fail("{} {} does not lie in the caller's buffer", what, i);
    }
}

/// Bytes of the arena that operators have written: disjoint ranges, by where they begin.
class WrittenRanges
{
public:
    void add(std::uint64_t begin, std::uint64_t end)
    {
        auto next = ranges_.upper_bound(begin);
        if (next != ranges_.begin() && std::prev(next)->second >= begin)
            --next;
        while (next != ranges_.end() && next->first <= end) {
            begin = std::min(begin, next->first);
            end = std::max(end, next->second);
            next = ranges_.erase(next);
        }
        ranges_.emplace(begin, end);
    }

    bool cover(std::uint64_t begin, std::uint64_t end) const
    {
        const auto next = ranges_.upper_bound(begin);
        return begin == end || (next != ranges_.begin() && std::prev(next)->second >= end);
    }

private:
    std::map<std::uint64_t, std::uint64_t> ranges_;
};

/// What operators have written in the arena. Tensors without gaps are ranges of bytes; of one with gaps nobody knows
/// here which bytes those are, so it is there only for who reads the very same.
class WrittenTensors
{
public:
    void add(const ProgramTensor& tensor)
    {
        if (has_gaps(tensor))
            with_gaps_.insert(key(tensor));
        else
            ranges_.add(tensor.offset, tensor.offset + tensor.size);
    }

    bool contain(const ProgramTensor& tensor) const
    {
        return ranges_.cover(tensor.offset, tensor.offset + tensor.size) ||
               (has_gaps(tensor) && with_gaps_.contains(key(tensor)));
    }

private:
    using Key = std::tuple<std::uint64_t, std::uint64_t, DataType, std::string_view, std::vector<std::int64_t>>;

    static bool has_gaps(const ProgramTensor& tensor) { return tensor.size > tensor.desc.size_in_bytes(); }

    static Key key(const ProgramTensor& tensor)
    {
        const auto& shape = tensor.desc.shape;
        return {tensor.offset, tensor.size, tensor.desc.data_type, tensor.format, {shape.begin(), shape.end()}};
    }

    WrittenRanges ranges_;
    std::set<Key> with_gaps_;
};

/// What an operator reads must have been written: else a file could show the memory of an earlier run.
void check_dataflow(const ProgramContent& content)
{
    std::vector<bool> output_written(content.outputs.size());
    WrittenTensors arena_written;
    const auto is_written = [&](const ProgramTensor& tensor) {
        switch (tensor.location) {
        case Location::weight:
        case Location::input: return true;
        case Location::output: return static_cast<bool>(output_written[tensor.offset]);
        case Location::arena: return arena_written.contain(tensor);
        }
        return false;
    };
    for (std::size_t i = 0; i != content.operators.size(); ++i) {
        const auto& op = content.operators[i];
        for (const auto input : op.inputs) {
            if (input == no_tensor)
                continue;
            if (input >= content.tensors.size())
                fail("operator {} '{}' reads tensor {}, which is not there", i, op.name, input);
            if (!is_written(content.tensors[input]))
                fail("operator {} '{}' reads tensor {} before it is written", i, op.name, input);
        }
        for (const auto output : op.outputs) {
            if (output >= content.tensors.size())
                fail("operator {} '{}' writes tensor {}, which is not there", i, op.name, output);
            const auto& tensor = content.tensors[output];
            if (tensor.location == Location::weight || tensor.location == Location::input)
                fail("operator {} '{}' writes where it may only read", i, op.name);
            if (tensor.location == Location::output)
                output_written[tensor.offset] = true;
            else
                arena_written.add(tensor);
        }
    }
    for (std::size_t i = 0; i != output_written.size(); ++i)
        if (!output_written[i] && content.tensors[content.outputs[i]].size != 0)
            fail("output {} is never written", i);
}

} // namespace

void check(const ProgramContent& content)
{
    if (content.arena_size > largest_arena)
        fail("its arena would have {} bytes", content.arena_size);
    check_list(content, content.inputs, Location::input, "input");
    check_list(content, content.outputs, Location::output, "output");
    for (std::size_t i = 0; i != content.tensors.size(); ++i) {
        const auto& tensor = content.tensors[i];
        if (tensor.size < tensor.desc.size_in_bytes())
            fail("tensor {} '{}' has {} bytes, but its shape {} takes {}", i, tensor.desc.name, tensor.size,
                 to_string(tensor.desc.shape), tensor.desc.size_in_bytes());
        check_room(content, tensor, i);
        check_quantization(tensor.desc, i);
    }
    check_dataflow(content);
}

} // namespace furiosa::program
