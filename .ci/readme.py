#!/usr/bin/env python3
"""Runs README.md: each command, the Python lines and the Java example, in a folder of its own, on a few photos.

    .ci/readme.py PHOTOS WORK [FIRST_WORDS]

PHOTOS holds a folder for each class, below train and val; where it is missing, coloured noise is drawn. What a block of commands prints is compared with the block of
text that follows it: each of its lines must be among the lines printed, whatever the numbers are; warnings depend on
them. With FIRST_WORDS only the blocks of commands that contain these words are run.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What is other than printed, since data and time are small here.
SMALLER = [
    (r"^\./capi demo$", "./capi demo --minutes 1"),
    (r"--minutes 10", "--minutes 2"),
    (r"^(\./capi import-weights --from) capi_vitl14_lvd\.pth (.*) --arch vitl14$",
     r"./capi export-weights --model models/photos --to published.pth && \1 published.pth \2"),
    (r"\bmvn ", "./mvnw "),  # Maven of a known version
]


def blocks(text):
    """The fenced blocks as (language, content)."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def shape(line):
    """A line with its numbers, percentages and runs of spaces made alike."""
    line = re.sub(r"-?\d[\d,.:]*(E[+-]?\d+)?", "#", line)
    return re.sub(r"[\s|]+", " ", line).strip()


def run(command, work, env):
    print("$ " + command, flush=True)
    done = subprocess.run(["bash", "-c", command], cwd=work, env=env, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stdout.write(done.stdout)
    if done.returncode:
        sys.exit(f"README.md: status {done.returncode}: {command}")
    return done.stdout


def commands(block):
    joined = re.sub(r"\\\n\s*", "", block)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def smaller(command):
    for pattern, other in SMALLER:
        command = re.sub(pattern, other, command)
    return command


def draw(folder):
    """Noise around a colour for each of three classes, as JPEG files."""
    import tensorflow as tf
    random = tf.random.Generator.from_seed(1)
    for split, images in (("train", 30), ("val", 10)):
        for label in range(3):
            target = folder / split / f"class{label}"
            target.mkdir(parents=True)
            for i in range(images):
                noise = random.uniform([160, 120, 3], 0, 128, tf.int32) + 127 * tf.one_hot(label, 3, dtype=tf.int32)
                tf.io.write_file(str(target / f"{i:03}.jpg"), tf.io.encode_jpeg(tf.cast(noise, tf.uint8)))


def install():
    """The command that puts the library into the local repository; it stands in a sentence."""
    return re.search(r"`(\./mvnw [^`]* install [^`]*)`", (ROOT / "README.md").read_text()).group(1)


def java_project(work, dependency, source):
    """A project as the README describes it: the dependency in pom.xml, the class in src/main/java."""
    name = re.search(r"class (\w+)", source).group(1)
    (work / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n'
        "<groupId>example</groupId><artifactId>example</artifactId><version>1</version>\n"
        "<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>"
        "<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>\n"
        f"<dependencies>\n{dependency}</dependencies>\n</project>\n")
    folder = work / "src/main/java"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.java").write_text(source)


def main():
    photos, work = map(pathlib.Path, sys.argv[1:3])
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    work.mkdir(parents=True, exist_ok=True)
    for name in ("capi", "mvnw", ".mvn"):
        if not (work / name).exists():
            (work / name).symlink_to(ROOT / name)
    if photos.is_dir():
        shutil.copytree(photos, work / "photos", dirs_exist_ok=True)
    else:
        draw(work / "photos")
    shutil.copy(sorted((work / "photos" / "val").glob("*/*"))[0], work / "photo.jpg")
    env = dict(os.environ, PATH=f"{sys.prefix}/bin:{os.environ['PATH']}", TF_CPP_MIN_LOG_LEVEL="3")
    # What `mvnw install` writes goes to a folder of its own; what it reads is the user's repository.
    env["MAVEN_ARGS"] = (f"-Dmaven.repo.local={work.resolve()}/repository "
                         f"-Dmaven.repo.local.tail={pathlib.Path.home()}/.m2/repository")

    output, dependency, ran = "", "", 0
    for language, content in blocks((ROOT / "README.md").read_text()):
        if language == "sh":
            output = ""
            if only in content:
                for command in commands(content):
                    command = smaller(command)
                    output += run(command, work, env)
                    ran += 1
        elif language == "text" and output:
            printed = {shape(line) for line in output.splitlines()}
            for line in content.splitlines():
                if line.strip() and not line.startswith("warning") and shape(line) not in printed:
                    sys.exit(f"README.md shows a line that was not printed: {line}")
        elif language == "xml":
            dependency = content
        elif language == "java":
            java_project(work, dependency, content)
            run(install(), ROOT, env)
        elif language == "python" and only in content:
            (work / "example.py").write_text(content)
            run("python example.py", work, env)
            ran += 1
    if not ran:
        sys.exit("README.md has no command to run")
    print(f"README.md: {ran} commands ran as printed")


main()
