# SPDX-License-Identifier: Apache-2.0
"""Adds the notices of third parties to a wheel, and leaves out when it was made.

    finish.py WHEEL NOTICES SECONDS

maturin takes licences from the folder of the project only, and these are made. So the wheel is
written again: with the file NOTICES among its licences, and with the time SECONDS (since 1970)
for every file, so that the same content gives the same wheel.
"""

import base64
import hashlib
import os
import sys
import time
import zipfile


def main(wheel: str, notices: str, seconds: str) -> None:
    # The format of zip begins in 1980.
    date = max(time.gmtime(int(seconds))[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(wheel) as archive:
        files = {item.filename: (archive.read(item), item.external_attr)
                 for item in archive.infolist() if not item.is_dir()}
    info = next(name for name in files if name.endswith(".dist-info/RECORD")).rpartition("/")[0]
    name = os.path.basename(notices)
    with open(notices, "rb") as file:
        files[f"{info}/licenses/{name}"] = (file.read(), 0o644 << 16)

    metadata, mode = files[f"{info}/METADATA"]
    head, line, rest = metadata.partition(b"License-File: LICENSE\n")
    if not line:
        sys.exit(f"{wheel} does not name its licence as expected")
    files[f"{info}/METADATA"] = (head + line + f"License-File: {name}\n".encode() + rest, mode)

    files.pop(f"{info}/RECORD")
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n"
                     for path, (content, _) in sorted(files.items()))
    with zipfile.ZipFile(f"{wheel}.part", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # By the standard what describes the wheel comes last.
        order = sorted(files.items(), key=lambda file: (file[0].startswith(info), file[0]))
        for path, (content, mode) in order:
            add(archive, path, content, mode, date)
        add(archive, f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644 << 16, date)
    os.replace(f"{wheel}.part", wheel)


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def add(archive: zipfile.ZipFile, path: str, content: bytes, mode: int, date: tuple) -> None:
    item = zipfile.ZipInfo(path, date)
    item.external_attr = mode
    item.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(item, content)


if __name__ == "__main__":
    main(*sys.argv[1:])
