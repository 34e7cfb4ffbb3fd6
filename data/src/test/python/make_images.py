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
