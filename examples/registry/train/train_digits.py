#!/usr/bin/python3
r"""Trains the digit classifier of this folder, on images it makes itself.

    apt-get install python3-torch python3-numpy python3-pil \
        fonts-averia-gwf fonts-averia-sans-gwf fonts-b612 fonts-breip fonts-bwht \
        fonts-cabin fonts-cantarell fonts-comfortaa fonts-comic-neue \
        fonts-dancingscript fonts-dejavu-core fonts-dejavu-extra \
        fonts-dkg-handwriting fonts-dosis fonts-ecolier-court fonts-freefont-ttf \
        fonts-humor-sans fonts-isabella fonts-junction fonts-jura fonts-karla \
        fonts-kaushanscript fonts-klaudia-berenika fonts-klee fonts-kristi \
        fonts-lato fonts-leckerli-one fonts-liberation2 fonts-lobster \
        fonts-lobstertwo fonts-open-sans fonts-opendyslexic fonts-quicksand \
        fonts-routed-gothic fonts-rufscript fonts-seto fonts-sil-andika \
        fonts-sjfonts fonts-smc-chilanka fonts-smc-karumbi \
        fonts-tlwg-purisa-ttf fonts-tomsontalks fonts-yusei-magic

    nice /usr/bin/python3 train_digits.py

Writes digits/digits.onnx, images/*.png and artifacts.json beside the folder of
this script, in less than half an hour on two cores. Seeds are fixed.

    --out FOLDER      writes there instead
    --check STRIP     also classifies the digits of an image in which 28x28 digits,
                      white on black, stand side by side; they are only tested on
    --labels DIGITS   what that strip shows
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

import digit_images

TRAINING_SEED, SAME_FONTS_SEED, UNSEEN_FONTS_SEED, SAMPLES_SEED = 1, 2, 3, 4
TRAINING_IMAGES, HOLDOUT_IMAGES = 120_000, 10_000
EPOCHS, BATCH = 10, 128
SAMPLE_DIGITS = (0, 3, 7)


# ---------------------------------------------------------------------- model

class Residual(nn.Module):
    """Two convolutions whose result is added to their input."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU6(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.body(x))


class DigitNet(nn.Module):
    """A small residual network: [N,1,28,28] in 0..1 to ten logits."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.MaxPool2d(2),
            Residual(16),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(),
            Residual(32),
            nn.Conv2d(32, 40, 3, bias=False), nn.BatchNorm2d(40), nn.ReLU6(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(40, 10),
        )

    def forward(self, image):
        return self.layers(image)


def to_tensor(images):
    """Bytes [N,28,28] to floats [N,1,28,28] in 0..1."""
    return torch.from_numpy(images).unsqueeze(1).float() / 255


# ------------------------------------------------------------------- training

def shifted(batch):
    """Moves a whole batch by up to two pixels; the border is black anyway."""
    rows, columns = torch.randint(-2, 3, (2,)).tolist()
    return torch.roll(batch, (rows, columns), (2, 3))


def train(model, images, labels):
    labels = torch.from_numpy(labels)
    steps = EPOCHS * (len(images) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.006, total_steps=steps)
    # Soft targets: the probabilities stay honest on images unlike any in the set.
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    for epoch in range(EPOCHS):
        total, started = 0.0, time.time()
        model.train()
        order = torch.randperm(len(images))
        for chosen in order[:len(images) // BATCH * BATCH].split(BATCH):
            loss = loss_of(model(shifted(to_tensor(images[chosen.numpy()]))), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total * EPOCHS / steps:.4f}, "
              f"{time.time() - started:.0f} s", flush=True)
    model.eval()


@torch.no_grad()
def probabilities(model, images):
    parts = np.array_split(images, max(1, len(images) // 500))
    return torch.cat([model(to_tensor(part)).softmax(1) for part in parts]).numpy()


def hits(model, images, labels):
    """For each image, whether the model is right."""
    return probabilities(model, images).argmax(1) == labels


# --------------------------------------------------------------------- output

def export(model, path):
    """Writes the ONNX file; batch normalisations stay nodes of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with_softmax = nn.Sequential(model, nn.Softmax(dim=1)).eval()
    torch.onnx.export(
        with_softmax, torch.zeros(1, 1, 28, 28), str(path), opset_version=13,
        input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "N"}, "probabilities": {0: "N"}},
        training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def save_samples(model, folder, images, labels):
    """Saves a hold-out image of some digits: the least certain of those well recognised."""
    folder.mkdir(parents=True, exist_ok=True)
    scores = probabilities(model, images)
    for digit in SAMPLE_DIGITS:
        confidence = np.where((labels == digit) & (scores[:, digit] > 0.9), scores[:, digit], 2)
        chosen = confidence.argmin()
        Image.fromarray(images[chosen]).save(folder / f"{digit}_sample.png")
        print(f"sample {digit}: {confidence[chosen]:.3f}")


def write_manifest(path, model_file, accuracies):
    content = model_file.read_bytes()
    model = {
        "name": "digits",
        "format": "onnx",
        "family": "DigitNet",
        "version": "1.0.0",
        "task": "image-classification",
        "metadata": {
            "description": "Classifies one digit, white on black in 28x28 grey pixels, "
                           "scaled to 0..1. Trained on synthetic images only.",
            "publication": {
                "authors": ["The furiosa contributors"],
                "title": "DigitNet, a small digit classifier trained on synthetic handwriting",
                "publisher": "furiosa",
                "date": "2026-11-24",
                "url": "",
            },
        },
        "tags": {name: f"{value:.4f}" for name, value in accuracies.items()},
        "inputs": [{"name": "image", "data_type": "float32",
                    "shape": [1, 1, 28, 28], "layout": "NCHW"}],
        "outputs": [{"name": "probabilities", "data_type": "float32",
                     "shape": [1, 10], "layout": "NC"}],
        "labels": [str(digit) for digit in range(10)],
        "artifacts": [{"kind": "onnx", "uri": "digits/digits.onnx", "size": len(content),
                       "sha256": hashlib.sha256(content).hexdigest()}],
    }
    manifest = {"$schema": "furiosa-artifacts.schema.json", "format_version": 1,
                "models": [model]}
    path.write_text(json.dumps(manifest, indent=2) + "\n")


def check_strip(model, path, digits):
    """Classifies the digits of a strip; they are never trained on."""
    pixels = np.asarray(Image.open(path).convert("L"))
    images = np.stack(np.split(pixels[:, :28 * len(digits)], len(digits), axis=1))
    right = 0
    for digit, row in zip(digits, probabilities(model, images)):
        right += int(digit) == row.argmax()
        print(f"{digit}: {row.argmax()} with {row.max():.4f}")
    print(f"{right} of {len(digits)} right")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--check", type=Path)
    parser.add_argument("--labels", default="1234567890")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    torch.manual_seed(0)
    torch.set_num_threads(2)
    known = digit_images.find_fonts(digit_images.TRAINING_FAMILIES)
    unseen = digit_images.find_fonts(digit_images.UNSEEN_FAMILIES)
    print(f"{len(known)} fonts to train on, {len(unseen)} held out", flush=True)

    # All sets are made before torch starts its threads, which forked processes dislike.
    training = digit_images.make_set(TRAINING_SEED, TRAINING_IMAGES, known, pen_share=0.6)
    same = digit_images.make_set(SAME_FONTS_SEED, HOLDOUT_IMAGES, known, pen_share=0.6)
    other = digit_images.make_set(UNSEEN_FONTS_SEED, HOLDOUT_IMAGES, unseen, pen_share=0.0)
    written = digit_images.make_set(SAMPLES_SEED, 2000, known, pen_share=1.0)

    model = DigitNet()
    train(model, *training)

    same_hits, other_hits = hits(model, *same), hits(model, *other)
    accuracies = {
        "accuracy_holdout": np.concatenate([same_hits, other_hits]).mean(),
        "accuracy_same_fonts": same_hits.mean(),
        "accuracy_unseen_fonts": other_hits.mean(),
    }
    for name, value in accuracies.items():
        print(f"{name}: {value:.4f}")

    model_file = arguments.out / "digits" / "digits.onnx"
    export(model, model_file)
    save_samples(model, arguments.out / "images", *written)
    write_manifest(arguments.out / "artifacts.json", model_file, accuracies)
    if arguments.check:
        check_strip(model, arguments.check, arguments.labels)


if __name__ == "__main__":
    main()
