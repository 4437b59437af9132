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
[ "$(command -v kd_train)" = "$work/venv/bin/kd_train" ] || { echo "kd_train is not the wheel's"; exit 1; }

# kd_train on each kind of records: of the first a teacher is made, which then teaches on the others.
python - <<'KINDS'
import json
asked = [(f'what is {i} plus 1?', f' it is {i + 1}') for i in range(60)]
chats = [[dict(role='user', content=q), dict(role='assistant', content=a)] for q, a in asked]
kinds = dict(messages=[dict(messages=turns) for turns in chats], text=[dict(text=q + a) for q, a in asked],
             completion=[dict(prompt=q, completion=a) for q, a in asked],
             tokenized=[dict(input_ids=[3 + i % 50, *range(60, 70)]) for i in range(60)])
for kind, records in kinds.items(): open(f'{kind}.jsonl', 'w').write('\n'.join(map(json.dumps, records)) + '\n')
KINDS
teacher=(--teacher-steps 20 --student-layers 1)
for kind in messages text completion tokenized; do
    kd_train --data $kind.jsonl "${teacher[@]}" --held-out .2 --max-steps 4 --out of-$kind > train.log || { cat train.log; exit 1; }
    for file in README.md result.json temperature.json reliability.png model.safetensors tokenizer.json; do
        [ -s of-$kind/$file ] || { echo "kd_train on $kind wrote no $file"; exit 1; }
    done
    grep -q 'reliability.png' of-$kind/README.md && grep -q "Divide its logits" of-$kind/README.md || { echo "no card of $kind"; exit 1; }
    grep -o 'data .*jsonl.*' train.log; grep '^ *student ' train.log | tail -1
    teacher=(--teacher of-messages/teacher --student-layers 1 --student-width 32)
done
if [ -x "$work/venv/bin/kd_new" ]; then kd_new mine && kd_ablate ./mine --seeds 2 --out own && test -s own/report.html; fi
echo "the wheel is enough"
