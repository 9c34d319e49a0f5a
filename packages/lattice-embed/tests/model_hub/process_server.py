"""One process that has imported everything slow -> a process for each call, forked from it.

    {"start": [ARGUMENT, ...], "environment": {...}, "output": PREFIX}   answered by a process id
    {"wait": ID}                                                         answered by its exit code

Arguments are those of Python: a script, `-m MODULE` or `-c CODE`. What a process prints goes to
PREFIX.stdout and PREFIX.stderr. huggingface_hub reads the environment when it is imported, so that
each process imports it for itself; what it uses is there already.
"""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
import traceback
from contextlib import suppress


def main() -> None:
    import huggingface_hub
    import lattice_embed.cli  # noqa: F401 # for the processes to come

    huggingface_hub.HfApi, huggingface_hub.hf_hub_download  # noqa: B018 # imported when asked for
    for name in [name for name in sys.modules if name.partition(".")[0] == "huggingface_hub"]:
        del sys.modules[name]
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                os._exit(run(asked["start"], asked["environment"], asked["output"]))
        print(json.dumps(answer), flush=True)


def run(arguments: list[str], environment: dict[str, str], output: str) -> int:
    """What `python ARGUMENTS` does; gives the exit code."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        setattr(sys, name, io.TextIOWrapper(io.FileIO(number, "wb", closefd=False)))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 0
    try:
        if arguments[0] == "-c":
            sys.argv = ["-c", *arguments[2:]]
            exec(arguments[1], {"__name__": "__main__"})
        elif arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    main()
