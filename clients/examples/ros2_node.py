#!/usr/bin/env python3
"""A ROS 2 node: pictures of a camera in, what ffd thinks of them out.

Not run by the project's tests against ROS itself, which Debian 12 lacks; they
run it against a stand-in for rclpy. To try it: source ROS 2 (Humble or later),
pip install clients/python, start ffd, and

    python3 ros2_node.py --ros-args -p model:=camera -r image:=/camera/image_raw

Topics. image (sensor_msgs/Image, mono8, rgb8 or bgr8): each is shrunk to the
model's shape, asked about, and learned. label (std_msgs/String): what the
camera shows from now on; "" for not known. prediction (std_msgs/String): JSON
{label, confidence, novelty, typicality}.
"""
import json

import numpy as np

import ffd

CHANNELS = {"mono8": 1, "rgb8": 3, "bgr8": 3}


def picture(message, shape):
    """An Image message as bytes of the model's (height, width): the nearest
    pixels, grey. ValueError for an encoding that is not known."""
    channels = CHANNELS.get(message.encoding)
    if channels is None:
        raise ValueError(f"encoding {message.encoding}: not one of "
                         f"{', '.join(CHANNELS)}")
    rows = np.frombuffer(bytes(message.data), np.uint8).reshape(
        message.height, message.step)
    x = rows[:, :message.width * channels].reshape(
        message.height, message.width, channels).mean(2)
    down = np.arange(shape[0]) * message.height // shape[0]
    across = np.arange(shape[1]) * message.width // shape[1]
    return x[np.ix_(down, across)].astype(np.uint8)


def make_node(rclpy_node, image_type, string_type):
    """The node's class, of what ROS brings (so that a test can bring other)."""

    class Learner(rclpy_node):
        def __init__(self):
            super().__init__("ffd_learner")
            self.model = self.declare_parameter("model", "camera").value
            self.client = ffd.connect()
            self.stream = self.client.stream(self.model, batch=8, flush_s=0)
            self.shape = self.client.status(self.model).frame.shape
            self.label = None
            self.out = self.create_publisher(string_type, "prediction", 10)
            self.create_subscription(image_type, "image", self.on_image, 1)
            self.create_subscription(string_type, "label", self.on_label, 10)

        def on_label(self, message):
            self.label = message.data or None

        def on_image(self, message):
            try:
                frame = picture(message, self.shape)
                answer = self.client.predict(self.model, frame)
                self.stream.learn(frame, self.label)
            except (ValueError, ffd.Error) as e:
                self.get_logger().warning(str(e))
                return
            told = {k: getattr(answer, k) for k in (
                "label", "confidence", "novelty", "typicality")}
            told = {k: None if v != v else v for k, v in told.items()}
            text = string_type()
            text.data = json.dumps(told)
            self.out.publish(text)

        def close(self):
            self.stream.finish()
            self.client.close()

    return Learner


def main():
    import rclpy
    from rclpy.node import Node
    from sensor_msgs.msg import Image
    from std_msgs.msg import String

    rclpy.init()
    node = make_node(Node, Image, String)()
    try:
        rclpy.spin(node)
    except KeyboardInterrupt:
        pass
    finally:
        node.close()
        rclpy.shutdown()


if __name__ == "__main__":
    main()
