# Makes a virtual environment for demo.sh and test.sh, or keeps the one that still fits. Sourced; POSIX sh.
#
#   root=/path/to/checkout
#   . "$root/.ci/environment.sh"
#   prepare .venv-test '[test]'     # sets $venv and $python, ends the script with 2 if it cannot
#   say_engine
#
# A finished environment holds the file `.complete`, written last: a fingerprint of pyproject.toml, this file, the
# interpreter, the checkout's place and the extras. Any other environment (half made, moved, out of date) is made anew,
# so a second run touches neither pip nor the network.

unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Compiled modules are kept: some hundred processes are started, and each would compile all that it imports.
unset PYTHONDONTWRITEBYTECODE
PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PIP_USER PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT

stop() {
    printf '%s\n' "$@" >&2
    exit 2
}

# Prints what is wrong with the interpreter $1; nothing if it will do.
fault_of() {
    "$1" -c '
import sys
if sys.version_info < (3, 11):
    print("Python %d.%d" % sys.version_info[:2])
else:
    try:
        import ensurepip, venv
    except ImportError as error:
        print("Python %d.%d, but no module %s" % (sys.version_info[:2] + (error.name,)))
' 2>/dev/null || echo 'does not run'
}

# Sets $base to a Python of at least 3.11 that can make environments.
find_python() {
    tried=
    for base in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 python; do
        if command -v "$base" >/dev/null 2>&1; then
            fault=$(fault_of "$base")
            [ -n "$fault" ] || return 0
        else
            fault='not found'
        fi
        tried="$tried
  $base: $fault"
        # A Python that was asked for by name is never replaced by another behind the user's back.
        [ -z "${PYTHON:-}" ] || break
    done
    stop '需要 Python 3.11 或更高版本，且带有 venv 模块。' \
        'This needs Python 3.11 or newer with its venv module. Looked at:'"$tried" \
        'On Debian or Ubuntu: apt install python3 python3-venv. Or name one: PYTHON=/path/to/python3.12 sh ...'
}

# Prints one line that changes whenever the environment $1 with the extras $2 has to be made anew.
fingerprint() {
    "$base" -c '
import hashlib, os, sys
root, *names = sys.argv[1:]
digest = hashlib.sha256(repr((sys.version, os.path.realpath(sys.executable), root, names)).encode())
for name in ("pyproject.toml", os.path.join(".ci", "environment.sh")):
    with open(os.path.join(root, name), "rb") as file:
        digest.update(file.read())
print(digest.hexdigest())
' "$root" "$1" "$2"
}

prepare() {
    venv=$root/$1
    python=$venv/bin/python
    find_python
    wanted=$(fingerprint "$1" "$2") || stop "Could not read $root/pyproject.toml"
    if [ "$(cat "$venv/.complete" 2>/dev/null)" = "$wanted" ] && "$python" -c '' 2>/dev/null; then
        return 0
    fi
    echo "准备运行环境 Setting up $1 ($("$base" -V)), once: some minutes at most" >&2
    rm -rf "$venv"
    "$base" -m venv "$venv" || stop "无法创建虚拟环境 Could not make a virtual environment in $venv"
    # Editable: a change of code or rules is seen at once and needs no second installation.
    (cd -- "$root" && exec "$python" -m pip install -qq -e ".$2") ||
        stop "安装失败 The installation failed (pip's message is above). A first run needs a package index."
    # Alone and last, because it has to be compiled: where it cannot be, the rest stands.
    (cd -- "$root" && exec "$python" -m pip install -q -e '.[durable]') >"$venv/durable.log" 2>&1 || :
    printf '%s\n' "$wanted" >"$venv/.complete"
}

# Says in one line which engine draws the conclusions.
say_engine() {
    "$python" -c '
import sys
try:
    from importlib.metadata import version
    import durable.engine
except ImportError:
    if sys.version_info >= (3, 13):
        why = "durable-rules does not run on Python %d.%d" % sys.version_info[:2]
    else:
        why = "durable-rules could not be installed, see %s; to try again, delete that folder" % sys.argv[1]
    print("Conclusions: the built-in engine, with the same results (%s)" % why)
else:
    print("Conclusions: durable-rules", version("durable-rules"))
' "$venv/durable.log" >&2
}
