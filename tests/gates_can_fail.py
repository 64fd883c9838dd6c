#!/usr/bin/env python3
"""Each gate refuses a tree that breaks its rule: a gate that cannot fail guards nothing."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# gate -> a file that it must refuse
CASES = [
    ("check-layers", "src/base/bad.c", '#include "store/store.h"\n'),
    ("check-layers", "src/base/bad.c", "#include <openssl/evp.h>\n"),
    ("check-layers", "src/nowhere/bad.c", "int x;\n"),
    ("check-size", "src/base/bad.c", "int f(void);\nint f(void)\n{\n" + "\tx();\n" * 90 + "}\n"),
    ("check-size", "src/base/bad.c",
     "int f(int);\nint f(int a)\n{\n" + "\tif (a)\n\t\tx();\n" * 16 + "\treturn a;\n}\n"),
    ("check-size", "src/base/bad.c", "/* line */\n" * 801),
    ("check-banned", "src/stix/bad.c", "char *f(void)\n{\n\treturn malloc(1);\n}\n"),
    ("check-banned", "src/stix/bad.c", "int f(char *p)\n{\n\treturn atoi(p);\n}\n"),
    ("check-format", "src/base/bad.c", "int  x ;\n"),
]


def main():
    failed = 0
    for gate, name, text in CASES:
        with tempfile.TemporaryDirectory() as tmp:
            tree = pathlib.Path(tmp)
            for part in ("src", "tools"):
                shutil.copytree(ROOT / part, tree / part)
            shutil.copy(ROOT / ".clang-format", tree)
            for part in ("tests", "bench"):
                (tree / part).mkdir()
            (tree / name).parent.mkdir(exist_ok=True)
            (tree / name).write_text(text)
            done = subprocess.run([tree / "tools" / gate], capture_output=True, text=True)
            if done.returncode == 0 or "bad.c" not in done.stdout + done.stderr:
                if "nowhere" not in done.stdout:
                    failed += 1
                    print(f"{gate} let {name} pass: {text[:40]!r}")
    print(f"{len(CASES)} cases, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
