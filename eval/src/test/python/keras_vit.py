"""A tiny vision transformer as someone else would make it: Keras, untrained, exported as a SavedModel."""

import keras
import tensorflow as tf

PATCH, DIM, REGISTERS, OUTPUTS = 8, 64, 3, ("global", "registers", "feature_map")


class Registers(keras.layers.Layer):
    """Puts learned vectors before the patches."""

    def build(self, shape):
        self.tokens = self.add_weight(name="tokens", shape=(1, REGISTERS, shape[-1]), initializer="random_normal")

    def call(self, patches):
        return tf.concat([tf.tile(self.tokens, [tf.shape(patches)[0], 1, 1]), patches], axis=1)


class TinyViT(keras.Model):
    """Images in [0, 1] of any size to a vector, the registers and a map of the patches."""

    def __init__(self):
        super().__init__()
        self.embed = keras.layers.Conv2D(DIM, PATCH, strides=PATCH, kernel_initializer="glorot_normal")
        self.place = keras.layers.DepthwiseConv2D(3, padding="same")
        self.registers = Registers()
        self.norms = [keras.layers.LayerNormalization() for _ in range(4)]
        self.attentions = [keras.layers.MultiHeadAttention(2, DIM // 2) for _ in range(2)]
        self.mlps = [keras.Sequential([keras.layers.Dense(2 * DIM, "gelu"), keras.layers.Dense(DIM)]) for _ in range(2)]

    def call(self, images):
        patches = self.embed(2 * images - 1)
        patches = patches + self.place(patches)
        batch, rows, columns = tf.unstack(tf.shape(patches)[:3])
        x = self.registers(tf.reshape(patches, [batch, rows * columns, DIM]))
        for layer in range(2):
            normed = self.norms[2 * layer](x)
            x = x + self.attentions[layer](normed, normed)
            x = x + self.mlps[layer](self.norms[2 * layer + 1](x))
        registers, patches = x[:, :REGISTERS], x[:, REGISTERS:]
        return {
            "global": tf.reduce_mean(registers, axis=1),
            "registers": registers,
            "feature_map": tf.reshape(patches, [batch, rows, columns, DIM]),
        }


def export(folder, outputs=OUTPUTS):
    """Makes one from a seed and writes it with some of its outputs."""
    keras.utils.set_random_seed(3)
    model = TinyViT()
    model(tf.zeros([1, 2 * PATCH, 2 * PATCH, 3]))

    def serve(images):
        given = model(images)
        return {name: given[name] for name in outputs}

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", serve, [tf.TensorSpec([None, None, None, 3], tf.float32, name="images")])
    archive.write_out(str(folder), verbose=False)
    return model
