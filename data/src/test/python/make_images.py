# makes the fixtures of data/src/test/resources/images
import io, struct, sys
import numpy as np
from PIL import Image, ImageSequence
out = sys.argv[1]
h, w = 36, 52
y, x = np.mgrid[0:h, 0:w]
rgb = np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) * 255 // (h + w - 2)], -1).astype(np.uint8)
rgb[4:12, 6:20] = (220, 30, 40)
im = Image.fromarray(rgb)
im.save(f"{out}/upright.png")
im.save(f"{out}/lossless.webp", lossless=True)
im.save(f"{out}/lossy.webp", quality=95)
im.convert("RGBA").putalpha(0)
a = im.convert("RGBA"); a.putalpha(Image.fromarray((x * 4).astype(np.uint8))); a.save(f"{out}/alpha.webp", lossless=True, exact=True)
im.save(f"{out}/animated.webp", save_all=True, append_images=[im.rotate(180)], lossless=True, duration=50)
im.save(f"{out}/lzw.tif", compression="tiff_lzw")
im.save(f"{out}/jpeg_in.tif", compression="jpeg", quality=95)
im.save(f"{out}/multipage.tif", save_all=True, append_images=[im.rotate(180)], compression="tiff_deflate")
im.convert("CMYK").save(f"{out}/cmyk.tif", compression="tiff_lzw")
im.convert("CMYK").save(f"{out}/cmyk.jpg", quality=95)
im.convert("1").save(f"{out}/bilevel_g4.tif", compression="group4")
im.convert("1").convert("RGB").save(f"{out}/bilevel.png")
grey = im.convert("L")
grey.save(f"{out}/grey.png")
Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(f"{out}/grey16.tif", compression="tiff_lzw")
f = np.asarray(grey).astype(np.float32) / 255
Image.fromarray(f).save(f"{out}/float32.tif", compression="tiff_lzw")
g = f.copy(); g[0, 0], g[0, 1], g[0, 2] = np.nan, np.inf, -np.inf
Image.fromarray(g).save(f"{out}/float32_nan.tif", compression="tiff_lzw")
im.quantize(200).save(f"{out}/palette.bmp")
im.quantize(200).convert("RGB").save(f"{out}/palette.png")
T = Image.Transpose
back = {1: None, 2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_90, 7: T.TRANSVERSE, 8: T.ROTATE_270}
big = im.resize((104, 72), Image.BICUBIC)
for o, t in back.items():
    e = Image.Exif(); e[0x0112] = o
    (big if t is None else big.transpose(t)).save(f"{out}/exif_{o}.jpg", quality=95, subsampling=0, exif=e)
e = Image.Exif(); e[0x0112] = 6
turned = im.transpose(T.ROTATE_90)
turned.save(f"{out}/exif_6.png", exif=e)
turned.save(f"{out}/exif_6.webp", lossless=True, exif=e)
turned.save(f"{out}/exif_6.tif", compression="tiff_lzw", tiffinfo={0x0112: 6})
b = io.BytesIO(); turned.save(b, "JPEG", quality=95)
tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack(">I", 0)
seg = b"Exif\0\0" + tiff
open(f"{out}/exif_6_big_endian.jpg", "wb").write(b.getvalue()[:2] + b"\xff\xe1" + struct.pack(">H", len(seg) + 2) + seg + b.getvalue()[2:])
bad = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 9000) + b"\x01"
open(f"{out}/exif_broken.jpg", "wb").write(b.getvalue()[:2] + b"\xff\xe1" + struct.pack(">H", len(bad) + 2) + bad + b.getvalue()[2:])
for name, size in (("crop_down", (19, 23)), ("crop_up", (64, 61))):
    im.crop((5, 3, 47, 33)).resize(size, Image.BICUBIC).save(f"{out}/{name}.png")
# the settings of lossy WebP, each with the pixels that Pillow reads
def webp(name, image, **settings):
    image.save(f"{out}/{name}.webp", **settings)
    Image.open(f"{out}/{name}.webp").convert("RGB").save(f"{out}/{name}.png")
def waves(h, w):
    y, x = np.mgrid[0:h, 0:w]
    return Image.fromarray(np.stack(
        [128 + 90 * np.sin(x / 9 + y / 17), 120 + 70 * np.cos(y / 11 - x / 23), 110 + 60 * np.sin((x + y) / 19)], -1
    ).astype(np.uint8))
alpha = Image.fromarray((np.mgrid[0:49, 0:63][1] * 4 % 256).astype(np.uint8))
clear = waves(49, 63); clear.putalpha(alpha)
webp("webp_q10", waves(64, 80), quality=10)
webp("webp_q50_odd", waves(47, 61), quality=50, method=0)
webp("webp_q75_m6", waves(48, 64), quality=75, method=6)
webp("webp_q100_odd", waves(65, 33), quality=100)
webp("webp_sharp", waves(49, 63), quality=80, use_sharp_yuv=True)
webp("webp_alpha", clear, quality=70, alpha_quality=40)
webp("webp_alpha_exact", clear, quality=90, exact=True)
webp("webp_animated", waves(49, 63), quality=75, save_all=True, append_images=[waves(49, 63).rotate(180)])
webp("webp_animated_alpha", clear, quality=75, save_all=True, append_images=[clear.rotate(180)])
webp("webp_one_row", waves(1, 33), quality=90)
# orientation in XMP data, and beside EXIF data
packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
from PIL.PngImagePlugin import PngInfo
for name, packed in (("xmp_6.png", False), ("xmp_6_packed.png", True)):
    info = PngInfo(); info.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=packed); turned.save(f"{out}/{name}", pnginfo=info)
turned.save(f"{out}/xmp_6.webp", lossless=True, xmp=packet)
turned.save(f"{out}/xmp_6.tif", compression="tiff_lzw", tiffinfo={700: packet})
e = Image.Exif(); e[0x0112] = 1
im.save(f"{out}/exif_1_xmp_6.webp", lossless=True, xmp=packet, exif=e)
e[0x0112] = 6; info = PngInfo(); raw = e.tobytes()
info.add_text("Raw profile type exif", f"\nexif\n{len(raw):8}\n{raw.hex()}\n", zip=True)
turned.save(f"{out}/raw_profile_6.png", pnginfo=info)
# first frames of GIF that do not cover the canvas, or have a transparent colour
b = io.BytesIO(); im.quantize(60).save(b, "GIF"); b = b.getvalue()
bits = b[10] & 7; table = b[13:13 + 3 * (2 << bits)]; data = b[b.index(b"\x2c", 13 + len(table)) + 10:-1]
def gif(name, width, height, left, top, local=False, transparent=None, frames=1):
    control = b"" if transparent is None else bytes([0x21, 0xF9, 4, 1, 5, 0, transparent, 0])
    frame = control + b"\x2c" + struct.pack("<HHHHB", left, top, w, h, 0x80 | bits if local else 0) + table * local + data
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0 if local else 0x80 | bits, 3, 0) + table * (not local)
    open(f"{out}/{name}.gif", "wb").write(screen + frame * frames + b";")
    Image.open(f"{out}/{name}.gif").convert("RGB").save(f"{out}/{name}.png")
gif("gif_offset", 70, 50, 5, 7)
gif("gif_offset_local", 70, 50, 2, 3, local=True)
gif("gif_transparent", w, h, 0, 0, transparent=9)
gif("gif_offset_transparent", 70, 50, 5, 7, transparent=9, frames=2)
gif("gif_outside", 30, 20, 3, 2)
