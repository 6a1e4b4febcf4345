#pragma once

#include "device/cpu/image.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace furiosa::test {

inline std::vector<float> random_floats(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> value(-1, 1);
    std::vector<float> values(count);
    for (auto& element : values)
        element = value(random);
    return values;
}

/// Of images with the channels innermost and weights [out][in][kernel][kernel], by definition and in double precision.
struct ReferenceConvolution
{
    std::int64_t images, in, out, height, width, kernel, stride, pad_top, pad_left, out_height, out_width;
    device::cpu::FusedActivation activation{};

    std::size_t source_size() const { return static_cast<std::size_t>(images * height * width * in); }
    std::size_t output_size() const { return static_cast<std::size_t>(images * out_height * out_width * out); }
    std::size_t weights_size() const { return static_cast<std::size_t>(out * in * kernel * kernel); }
    device::cpu::PixelStrides source() const { return {height * width * in, width * in, in}; }
    device::cpu::PixelStrides output() const { return {out_height * out_width * out, out_width * out, out}; }

    double activate(double x) const
    {
        using device::cpu::Activation;
        switch (activation.kind) {
        case Activation::none: break;
        case Activation::relu: return std::max(x, 0.0);
        case Activation::leaky_relu: return x < 0 ? x * activation.alpha : x;
        case Activation::clip: return std::clamp<double>(x, activation.alpha, activation.beta);
        case Activation::sigmoid: return 1 / (1 + std::exp(-x));
        case Activation::silu: return x / (1 + std::exp(-x));
        case Activation::hard_swish: return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
        }
        return x;
    }

    double sum(const float* source, const float* weights, std::int64_t n, std::int64_t y, std::int64_t x,
               std::int64_t o) const
    {
        double total = 0;
        for (std::int64_t ky = 0; ky != kernel; ++ky)
            for (std::int64_t kx = 0; kx != kernel; ++kx) {
                const auto sy = y * stride - pad_top + ky;
                const auto sx = x * stride - pad_left + kx;
                if (sy < 0 || sy >= height || sx < 0 || sx >= width)
                    continue;
                for (std::int64_t i = 0; i != in; ++i)
                    total += double(source[((n * height + sy) * width + sx) * in + i]) *
                             weights[((o * in + i) * kernel + ky) * kernel + kx];
            }
        return total;
    }

    /// Bias and residual may be null.
    std::vector<double> run(const float* source, const float* weights, const float* bias, const float* residual) const
    {
        std::vector<double> result;
        for (std::int64_t n = 0; n != images; ++n)
            for (std::int64_t y = 0; y != out_height; ++y)
                for (std::int64_t x = 0; x != out_width; ++x)
                    for (std::int64_t o = 0; o != out; ++o) {
                        const auto r = residual ? residual[result.size()] : 0.0f;
                        result.push_back(activate(sum(source, weights, n, y, x, o) + (bias ? bias[o] : 0) + r));
                    }
        return result;
    }
};

inline double relative_error(const std::vector<float>& got, const std::vector<double>& expected)
{
    double error = 0;
    double norm = 0;
    for (std::size_t i = 0; i != expected.size(); ++i) {
        error += (got[i] - expected[i]) * (got[i] - expected[i]);
        norm += expected[i] * expected[i];
    }
    return std::sqrt(error / norm);
}

/// Operands for it, and room for what a kernel makes of them.
struct RandomConvolution
{
    RandomConvolution(const ReferenceConvolution& convolution, bool with_bias, bool with_residual)
        : conv(convolution), source(random_floats(conv.source_size(), 1)),
          weights(random_floats(conv.weights_size(), 2)), output(conv.output_size(), NAN)
    {
        if (with_bias)
            biases = random_floats(static_cast<std::size_t>(conv.out), 3);
        if (with_residual)
            residuals = random_floats(conv.output_size(), 4);
    }

    /// Null without.
    const float* bias() const { return biases.empty() ? nullptr : biases.data(); }
    const float* residual() const { return residuals.empty() ? nullptr : residuals.data(); }

    double error() const
    {
        return relative_error(output, conv.run(source.data(), weights.data(), bias(), residual()));
    }

    ReferenceConvolution conv;
    std::vector<float> source, weights, biases, residuals, output;
};

} // namespace furiosa::test
