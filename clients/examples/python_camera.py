#!/usr/bin/env python3
"""A camera that is learned from and asked about, frame by frame.

    python_camera.py [--model NAME] [--camera N] [--frames N] [--fast]

With OpenCV and a camera, pictures are its, and a key labels what is seen (the
key is the label; q ends). Without, a camera is made up: a square, a disc or a
cross moves about, and one frame in five is labelled. What looks like nothing
seen before is said. Makes the model if there is none of that name. FFD_ADDRESS
says where ffd is.
"""
import argparse
import time

import numpy as np

import ffd

SIZE, RATE_HZ = 48, 30


class Pretended:
    """(frame, label or None) of a shape that moves, changing now and then."""

    def __init__(self):
        self.rng = np.random.default_rng(1)
        self.shape, self.at = "square", np.array([24.0, 24.0])

    def read(self):
        if self.rng.random() < 0.05:
            self.shape = str(self.rng.choice(["square", "disc", "cross"]))
        middle = SIZE / 2  # to which a hand that holds it comes back
        self.at = middle + 0.9 * (self.at - middle) + self.rng.normal(0, 1, 2)
        y, x = np.mgrid[:SIZE, :SIZE] - self.at[:, None, None]
        inside = {"square": np.maximum(abs(x), abs(y)) < 8,
                  "disc": x * x + y * y < 81,
                  "cross": (np.minimum(abs(x), abs(y)) < 3) &
                           (np.maximum(abs(x), abs(y)) < 9)}[self.shape]
        noise = self.rng.normal(0, 15, (SIZE, SIZE))
        frame = np.clip(40 + 170 * inside + noise, 0, 255).astype(np.uint8)
        label = self.shape if self.rng.random() < 0.2 else None
        return frame, label, self.shape


class Real:
    """The same of a camera; the label is the key that was pressed."""

    def __init__(self, number):
        import cv2
        self.cv2, self.camera = cv2, cv2.VideoCapture(number)
        if not self.camera.isOpened():
            raise OSError(f"camera {number} cannot be opened")

    def read(self):
        ok, picture = self.camera.read()
        if not ok:
            raise EOFError("the camera gives no more pictures")
        self.cv2.imshow("ffd", picture)
        key = self.cv2.waitKey(1) & 0xFF
        if key == ord("q"):
            raise EOFError("q")
        grey = self.cv2.cvtColor(picture, self.cv2.COLOR_BGR2GRAY)
        return (self.cv2.resize(grey, (SIZE, SIZE)),
                chr(key) if 32 < key < 127 else None, None)


def camera_of(number):
    if number is None:
        return Pretended()
    try:
        return Real(number)
    except ImportError:
        raise SystemExit("a real camera needs OpenCV: apt install "
                         "python3-opencv") from None


def main():
    say = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    say.add_argument("--model", default="camera")
    say.add_argument("--camera", type=int, help="number of a real camera")
    say.add_argument("--frames", type=int, default=1800)
    say.add_argument("--fast", action="store_true",
                     help="do not wait for real time")
    args = say.parse_args()
    camera = camera_of(args.camera)
    right = judged = 0
    with ffd.connect() as c:
        if args.model not in [m["name"] for m in c.models()]:
            c.create(args.model, {
                "input": {"shape": [SIZE, SIZE], "dtype": "u8"},
                "classes": 20, "layers": [{"dense": 300}, {"dense": 300}]})
        with c.stream(args.model, batch=8, flush_s=0) as s:
            for i in range(args.frames):
                try:
                    frame, label, truth = camera.read()
                except EOFError as e:
                    print(f"\nended: {e}")
                    break
                answer = c.predict(args.model, frame)
                if truth is not None and i >= args.frames // 2:
                    judged += 1
                    right += answer.label == truth
                s.learn(frame, label)
                strange = "  (strange)" if answer.typicality < 0.01 else ""
                print(f"\r{answer.label or 'nothing':8}{strange:12}", end="")
                if not args.fast and args.camera is None:
                    time.sleep(1 / RATE_HZ)
    if judged:
        print(f"\n{right} of the last {judged} answers right")


if __name__ == "__main__":
    main()
