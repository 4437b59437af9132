"""Publish a grid: python .ci/publish.py GRID_FOLDER NAME copies what is small of a grid to nbs/results/STUDY/NAME, and writes the page of all published grids of the study"""
import json
import shutil
import sys
from pathlib import Path

from kd_notebooks.runs import Grid

grid, name = Grid(sys.argv[1]), sys.argv[2]
study = Path(grid.plan['study']).name
results = Path(__file__).resolve().parent.parent/'nbs'/'results'/study
target = results/name
shutil.rmtree(target, ignore_errors=True)
target.mkdir(parents=True)
for file in ('report.txt', 'summary.json'): shutil.copy(grid.folder/file, target/file)
for figure in sorted((grid.folder/'figures').glob('*.png')): shutil.copy(figure, target/figure.name)

# every run on a line: what was run where, and its numbers; not the training log, and no path of this machine
with open(target/'runs.jsonl', 'w') as f:
    for r in grid.results():
        r['parameters'] = {k: Path(v).name if isinstance(v, str) and '/' in v else v for k, v in r['parameters'].items()}
        for part, long in (('teacher', 'log'), ('about', 'path')): r.get(part, {}).pop(long, None)
        f.write(json.dumps({k: v for k, v in r.items() if k not in ('log', 'samples_reference')}) + '\n')


def section(folder):
    "One published grid: where and when it ran, its table and verdicts, its figures"
    runs = [json.loads(line) for line in open(folder/'runs.jsonl')]
    first, seen = runs[0], lambda key: ', '.join(sorted({str(r[key]) for r in runs}))
    files = ''.join(f"\n- `{file}`: sha256 `{first['data']['sha256'][role]}`" for role, file in first['data']['files'].items())
    settings = ', '.join(f'{k} {v}' for k, v in first['parameters'].items() if v is not None and k not in ('arm', 'seed'))
    facts = (f"{len(runs)} runs on {seen('device')}, finished {max(r['finished'] for r in runs)[:10]}, commit {', '.join(sorted({str(r['commit'])[:12] for r in runs}))}; "
             f"torch {first['versions']['torch']}, transformers {first['versions']['transformers']}. {settings}. {'; '.join(first['notes'])}.")
    figures = '\n\n'.join(f'![{p.stem}]({folder.name}/{p.name})' for p in sorted(folder.glob('*.png')))
    return f"## {folder.name}\n\n{facts}{files}\n\n```\n{(folder/'report.txt').read_text()}```\n\n{figures}\n"


pages = [section(p) for p in sorted(results.iterdir()) if (p/'runs.jsonl').exists()]
(results/'README.md').write_text(f'<!-- Made by .ci/publish.py from published grids: nothing here is typed by hand -->\n\n# Published results: {study}\n\nArms, metrics and claims are explained in [the study](../../studies/{study}/study.ipynb), the figures in [its report](../../studies/{study}/report.ipynb). A cell is the mean over seeds and half of its 95 % interval; * marks the best of a column.\n\n' + '\n'.join(pages))
print(f'{target}: {len(list(target.iterdir()))} files; {results/"README.md"}')
