#pragma once

#include "zoo/zoo.hpp"

namespace zoo {

onnx::ModelProto resnet50(const Options& options);
onnx::ModelProto efficientnet_b0(const Options& options);
onnx::ModelProto efficientnet_v2_s(const Options& options);
onnx::ModelProto ssd_mobilenet(const Options& options);
onnx::ModelProto ssd_resnet34(const Options& options);
onnx::ModelProto yolov5m(const Options& options);
onnx::ModelProto yolov5l(const Options& options);
onnx::ModelProto yolov7_w6_pose(const Options& options);

} // namespace zoo
