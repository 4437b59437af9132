#!/usr/bin/env bash
# The wheel is enough: builds it, installs it alone into a fresh environment, and runs its commands from an empty folder.
# Libraries come from the environment that runs this, by a path file: its own editable install is not seen there.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
unset PYTHONPATH
mkdir -p "$work/source/nbs" "$work/empty"
cp -r setup.py settings.ini MANIFEST.in README.md LICENSE kd_notebooks "$work/source"
cp -r nbs/studies nbs/guides "$work/source/nbs"
isolation=$(python -c 'import setuptools, sys; print("--no-build-isolation" * (int(setuptools.__version__.split(".")[0]) >= 71))' 2>/dev/null || true)
pip wheel --quiet --no-deps $isolation --wheel-dir "$work" "$work/source"

python -m venv --without-pip "$work/venv"
new=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$new/libraries.pth"
export JUPYTER_PATH=$(python -c 'import sys; print(sys.prefix)')/share/jupyter   # templates of pages
pip --python "$work/venv/bin/python" install --quiet --no-deps --no-index "$work"/kd_notebooks-*.whl
PATH=$work/venv/bin:$PATH
cd "$work/empty"
python -c 'import sys, kd_notebooks; assert kd_notebooks.__file__.startswith(sys.prefix), kd_notebooks.__file__'
kd_ablate -h | grep -q 'studies here: .*protein' || { echo "the wheel has no notebooks of studies"; exit 1; }
kd_ablate protein --preset smoke --arms hard kd --seeds 2 --out grid
kd_report grid > report.log
test -s grid/report.html
if command -v kd_train > /dev/null; then [ "$(command -v kd_train)" = "$work/venv/bin/kd_train" ] && kd_train -h > /dev/null; fi
if [ -x "$work/venv/bin/kd_new" ]; then kd_new mine && kd_ablate ./mine --seeds 2 --out own && test -s own/report.html; fi
echo "the wheel is enough"
