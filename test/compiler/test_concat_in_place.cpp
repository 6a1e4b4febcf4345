#include "compiler/compare_with_reference.hpp"

#include <furiosa/device/cpu/executor.hpp>

// A Concat of channels, and a Split, cost nothing where those who write and read the pieces are kernels of our own: the
// pieces are made, and read, where they lie in the whole.

using namespace furiosa;
using program::OpKind;
using test::compare_with_reference;
using test::OnnxBuilder;
using test::random_tensor;

namespace {

constexpr std::int64_t size = 10;

class Network : public OnnxBuilder
{
public:
    Network() { input("x", {2, 32, size, size}); }

    /// A convolution with a Relu behind it.
    Network& conv(const std::string& from, const std::string& to, std::int64_t in, std::int64_t out, std::int64_t kernel)
    {
        weight("w_" + to, random_tensor({out, in, kernel, kernel}, seed_++, -.2f, .2f));
        const auto pad = kernel / 2;
        node("Conv", {from, "w_" + to}, {to + "_"}).ints("pads", {pad, pad, pad, pad});
        node("Relu", {to + "_"}, {to});
        return *this;
    }

private:
    unsigned seed_ = 1;
};

program::Program check(Network& network)
{
    return compare_with_reference(network, {random_tensor({2, 32, size, size}, 9)});
}

/// Inputs of Concat operators that have to be copied.
std::ptrdiff_t copied(const program::Program& program)
{
    const auto& tensors = program.content().tensors;
    std::ptrdiff_t copies = 0;
    for (const auto& op : program.content().operators) {
        if (op.kind != OpKind::concat)
            continue;
        auto place = tensors[op.outputs[0]].offset;
        for (const auto input : op.inputs) {
            copies += tensors[input].offset != place;
            place += static_cast<std::uint64_t>(tensors[input].desc.shape[1]) * sizeof(float);
        }
    }
    return copies;
}

bool has_own_kernels()
{
    return device::cpu::target().starts_with("cpu-avx512");
}

} // namespace

TEST_CASE("convolutions write where the Concat wants them, and others read them there")
{
    Network network;
    network.conv("x", "a", 32, 48, 1).conv("a", "b", 48, 32, 3).conv("b", "c", 32, 16, 3);
    network.node("Concat", {"c", "b", "a"}, {"abc"}).integer("axis", 1);
    network.conv("abc", "y", 96, 32, 1).output("y");
    const auto program = check(network);
    CHECK(test::count(program, OpKind::concat) == 1);
    CHECK(test::count(program, OpKind::reorder) <= 2);
    if (has_own_kernels())
        CHECK(copied(program) == 0);
}

TEST_CASE("a Concat within a Concat is in place, too")
{
    Network network;
    network.conv("x", "a", 32, 32, 1).conv("x", "b", 32, 16, 3).conv("x", "c", 32, 16, 1);
    network.node("Concat", {"a", "b"}, {"ab"}).integer("axis", 1);
    network.node("Concat", {"c", "ab"}, {"cab"}).integer("axis", 1);
    network.conv("ab", "d", 48, 16, 3).conv("cab", "e", 64, 16, 1);
    network.node("Add", {"d", "e"}, {"y"}).output("y");
    const auto program = check(network);
    if (has_own_kernels())
        CHECK(copied(program) == 0);
}

TEST_CASE("what is in two places at once is copied to the second")
{
    Network network;
    network.conv("x", "a", 32, 16, 1).conv("x", "b", 32, 32, 3);
    network.node("Concat", {"a", "b", "a"}, {"aba"}).integer("axis", 1);
    network.node("Concat", {"b", "a"}, {"ba"}).integer("axis", 1);
    network.conv("aba", "c", 64, 16, 1).conv("ba", "d", 48, 16, 1);
    network.node("Add", {"c", "d"}, {"y"}).output("y");
    const auto program = check(network);
    if (has_own_kernels())
        CHECK(copied(program) == 3);
}

TEST_CASE("channels that begin at no multiple of 16, and those that others read, are copied")
{
    Network network;
    network.conv("x", "a", 32, 24, 1).conv("x", "b", 32, 16, 1).conv("x", "c", 32, 8, 1);
    network.node("MaxPool", {"c"}, {"pooled"}).ints("kernel_shape", {size, size});
    network.node("Concat", {"c", "a", "b"}, {"cab"}).integer("axis", 1);
    network.conv("cab", "d", 48, 8, 1).node("Mul", {"d", "pooled"}, {"y"}).output("y");
    const auto program = check(network);
    if (has_own_kernels())
        CHECK(copied(program) == 2);
}

TEST_CASE("a residual is added in a piece, and a piece is a residual")
{
    Network network;
    network.conv("x", "a", 32, 32, 1).conv("a", "b_", 32, 32, 3);
    network.node("Add", {"b__", "a"}, {"b"}); // before the Relu, which nobody reads
    network.node("Concat", {"b", "a"}, {"ba"}).integer("axis", 1);
    network.conv("ba", "y", 64, 32, 3).output("y");
    const auto program = check(network);
    CHECK(test::count(program, OpKind::add) == 0);
    if (has_own_kernels())
        CHECK(copied(program) == 0);
}

TEST_CASE("a piece that is an output of the model, and one that lives longer than the whole, keep their values")
{
    Network network;
    network.conv("x", "a", 32, 32, 1).conv("x", "b", 32, 32, 3);
    network.node("Concat", {"a", "b"}, {"ab"}).integer("axis", 1);
    network.conv("ab", "c", 64, 64, 3).conv("c", "d", 64, 32, 3).conv("b", "e", 32, 32, 3);
    network.node("Add", {"d", "e"}, {"y"}).output("y").output("a");
    check(network);
}

TEST_CASE("the channels of a Split are read where they are")
{
    Network network;
    network.integers("sizes", {16, 32, 16}).integers("starts", {32}).integers("ends", {48}).integers("axes", {1});
    network.conv("x", "a", 32, 64, 1);
    network.node("Split", {"a", "sizes"}, {"b", "c", "d"}).integer("axis", 1);
    network.node("Slice", {"a", "starts", "ends", "axes"}, {"e"});
    network.conv("b", "b3", 16, 16, 3).conv("c", "c3", 32, 16, 3).conv("e", "e3", 16, 16, 1);
    network.node("Concat", {"b3", "c3", "d", "e3"}, {"bcde"}).integer("axis", 1);
    network.conv("bcde", "y", 64, 16, 1).output("y");
    const auto program = check(network);
    if (has_own_kernels()) {
        CHECK(test::count(program, OpKind::slice) == 0);
        CHECK(copied(program) == 1);
    }
}
