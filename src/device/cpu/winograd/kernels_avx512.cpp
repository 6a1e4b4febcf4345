#include "device/cpu/activation_avx512.hpp"
#include "device/cpu/winograd/forms_avx512.hpp"
#include "device/cpu/winograd/kernels.hpp"

// Compiled for AVX-512: see vector_avx512.hpp.

namespace furiosa::device::cpu {

const WinogradKernels* winograd_kernels_avx512(int tile, int stride) noexcept;

namespace {

constexpr int most_tiles = 12; // of one multiplication: with 32 channels they fill the registers

/// Where a tile is in its image.
struct Place
{
    std::int64_t image, y, x;

    Place(const WinogradShape& shape, std::int64_t tile)
    {
        const auto columns = (shape.out_width + shape.tile - 1) / shape.tile;
        const auto rows = (shape.out_height + shape.tile - 1) / shape.tile;
        image = tile / (rows * columns);
        y = tile / columns % rows * shape.tile;
        x = tile % columns * shape.tile;
    }
};

/// The pixels of a tile, zeros around the image.
template <class Form>
inline void load_tile(const WinogradShape& shape, const float* image, std::int64_t top, std::int64_t left,
                      Mask channels, Vector* pixels)
{
    constexpr int extent = Form::extent;
    const auto& strides = shape.source;
    const bool inside =
        top >= 0 && left >= 0 && top + extent <= shape.in_height && left + extent <= shape.in_width;
    for (int y = 0; y != extent; ++y)
        for (int x = 0; x != extent; ++x) {
            const bool there = inside || (top + y >= 0 && top + y < shape.in_height && left + x >= 0 &&
                                          left + x < shape.in_width);
            const auto offset = (top + y) * strides.row + (left + x) * strides.pixel;
            pixels[y * extent + x] = there ? load(image + offset, channels) : Vector{};
        }
}

template <class Form>
void transform_sources(const WinogradShape& shape, const ImageTensors& tensors, const WinogradRange& range,
                       std::int64_t begin, std::int64_t end)
{
    constexpr int extent = Form::extent;
    const auto channels = whole_blocks(shape.in_channels);
    for (auto tile = begin; tile != end; ++tile) {
        const Place place(shape, range.first_tile + tile);
        const float* const image = tensors.source + place.image * shape.source.image;
        for (std::int64_t channel = 0; channel != channels; channel += winograd_block) {
            Vector pixels[extent * extent], columns[extent * extent];
            load_tile<Form>(shape, image + channel, place.y * Form::stride - shape.pad_top,
                            place.x * Form::stride - shape.pad_left, first(shape.in_channels - channel),
                            pixels);
#pragma GCC unroll 9
            for (int x = 0; x != extent; ++x)
                Form::transform_source(pixels + x, extent, columns + x, extent);
            float* const to = range.transformed + tile * channels + channel;
#pragma GCC unroll 9
            for (int y = 0; y != extent; ++y) {
                Vector row[extent];
                Form::transform_source(columns + y * extent, 1, row, 1);
                for (int x = 0; x != extent; ++x)
                    store(to + (y * extent + x) * range.transformed_place, row[x]);
            }
        }
    }
}

/// products[Tiles][16 Vectors] = transformed[Tiles][depth] * weights[depth][16 Vectors], all in registers.
template <int Tiles, int Vectors>
void multiply_tiles(const float* transformed, std::int64_t depth, const float* weights, float* products,
                    std::ptrdiff_t products_step)
{
    Vector sums[Tiles][Vectors] = {};
    for (std::int64_t k = 0; k != depth; ++k) {
        Vector row[Vectors];
        for (int v = 0; v != Vectors; ++v)
            row[v] = load(weights + (k * Vectors + v) * 16);
#pragma GCC unroll 16
        for (int tile = 0; tile != Tiles; ++tile) {
            const Vector factor = broadcast(transformed[tile * depth + k]);
#pragma GCC unroll 2
            for (int v = 0; v != Vectors; ++v)
                sums[tile][v] += factor * row[v];
        }
    }
    for (int tile = 0; tile != Tiles; ++tile)
        for (int v = 0; v != Vectors; ++v)
            store(products + tile * products_step + v * 16, sums[tile][v]);
}

using MultiplyTiles = void (*)(const float*, std::int64_t, const float*, float*, std::ptrdiff_t);

template <int Vectors>
constexpr MultiplyTiles multiply_some[most_tiles + 1] = {
    nullptr,
    multiply_tiles<1, Vectors>,
    multiply_tiles<2, Vectors>,
    multiply_tiles<3, Vectors>,
    multiply_tiles<4, Vectors>,
    multiply_tiles<5, Vectors>,
    multiply_tiles<6, Vectors>,
    multiply_tiles<7, Vectors>,
    multiply_tiles<8, Vectors>,
    multiply_tiles<9, Vectors>,
    multiply_tiles<10, Vectors>,
    multiply_tiles<11, Vectors>,
    multiply_tiles<12, Vectors>,
};

template <class Form>
void multiply(const WinogradShape& shape, const ImageTensors& tensors, const WinogradRange& range,
              std::int64_t begin, std::int64_t end)
{
    const auto inputs = whole_blocks(shape.in_channels);
    const auto outputs = whole_blocks(shape.out_channels);
    const auto last_channel = range.first_channel + range.channels;
    const auto parts = (range.tiles + most_tiles - 1) / most_tiles; // of about the same size
    for (auto place = begin; place != end; ++place) {
        const auto filter = filter_of<Form>(static_cast<int>(place) / Form::extent) * Form::filters +
                            filter_of<Form>(static_cast<int>(place) % Form::extent);
        const float* const weights = tensors.weights + filter * inputs * outputs;
        const float* const transformed = range.transformed + place * range.transformed_place;
        float* const products = range.products + place * range.products_place - range.first_channel;
        for (auto channel = range.first_channel; channel < last_channel; channel += winograd_panel) {
            const auto& kernels = outputs - channel >= winograd_panel ? multiply_some<2> : multiply_some<1>;
            for (std::int64_t part = 0; part != parts; ++part) {
                const auto from = range.tiles * part / parts;
                const auto to = range.tiles * (part + 1) / parts;
                kernels[to - from](transformed + from * inputs, inputs, weights + channel * inputs,
                                   products + from * range.channels + channel, range.channels);
            }
        }
    }
}

/// Bias, residual and activation of the pixels of a tile, as far as they lie in the image.
template <class Form>
inline void finish_tile(const WinogradShape& shape, const ImageTensors& tensors, const Place& place,
                        std::int64_t channel, const Vector* pixels)
{
    const auto mask = first(shape.out_channels - channel);
    const Vector bias = tensors.bias ? load(tensors.bias + channel, mask) : Vector{};
    const auto offset = [&](const PixelStrides& strides, std::int64_t y, std::int64_t x) {
        return place.image * strides.image + y * strides.row + x * strides.pixel + channel;
    };
    for (auto y = place.y; y < place.y + Form::tile && y < shape.out_height; ++y)
        for (auto x = place.x; x < place.x + Form::tile && x < shape.out_width; ++x) {
            Vector value = pixels[(y - place.y) * Form::tile + (x - place.x)] + bias;
            if (tensors.residual)
                value += load(tensors.residual + offset(shape.residual, y, x), mask);
            value = activate(shape.activation, value);
            store(tensors.destination + offset(shape.destination, y, x), value, mask);
        }
}

template <class Form>
void transform_all_products(const WinogradShape& shape, const ImageTensors& tensors,
                            const WinogradRange& range, std::int64_t begin, std::int64_t end)
{
    constexpr int extent = Form::extent;
    for (auto tile = begin; tile != end; ++tile) {
        const Place place(shape, range.first_tile + tile);
        for (std::int64_t channel = 0; channel != range.channels; channel += winograd_block) {
            const float* const from = range.products + tile * range.channels + channel;
            Vector columns[Form::tile * extent], pixels[Form::tile * Form::tile];
#pragma GCC unroll 9
            for (int x = 0; x != extent; ++x) {
                Vector column[extent];
                for (int y = 0; y != extent; ++y)
                    column[y] = load(from + (y * extent + x) * range.products_place);
                Form::transform_products(column, 1, columns + x, extent);
            }
#pragma GCC unroll 4
            for (int y = 0; y != Form::tile; ++y)
                Form::transform_products(columns + y * extent, 1, pixels + y * Form::tile, 1);
            finish_tile<Form>(shape, tensors, place, range.first_channel + channel, pixels);
        }
    }
}

template <class Form>
constexpr WinogradKernels kernels_of{transform_sources<Form>, multiply<Form>, transform_all_products<Form>};

} // namespace

const WinogradKernels* winograd_kernels_avx512(int tile, int stride) noexcept
{
    if (stride == 2)
        return &kernels_of<Tile4Stride2>;
    return tile == 2 ? &kernels_of<Tile2> : &kernels_of<Tile4>;
}

} // namespace furiosa::device::cpu
