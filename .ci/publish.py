"""Make everything under nbs/results/ anew: python .ci/publish.py [STUDY/NAME …]

Runs the grids that are published (those already finished are only read), and writes from each what is small: its page,
figures, numbers, and a line for every run. Grids that need data that is not here (KD_DATA) are left as they are, and said."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from kd_notebooks.grids import Grid
from kd_notebooks.results import git_commit

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT/'nbs'/'results'
# of the motif study, on measured promoters
MEASURED = ('dense thin random published published_guided teacher_two_stages teacher_one_stage hard straight soft '
            'pattern_fixed pattern teacher_mended attention thin_attention')
# of the adapter study: what runs unasked, more ratios, and controls
ADAPTERS = ('ids closed closed_2 closed_4 closed_16 closed_32 closed_64 reconstruct reconstruct_2 cosine published '
            'phase2_fixed phase2_balanced flawed pca_100 restarted wide lookup lookup_64 lookup_4bit distilled labels '
            'merge2 merge2_snapped merge2_read merge4 merge4_snapped merge4_distilled merge4_read')
# of a reader that marks spans, on real questions
SPANS = ('ids closed closed_2 reconstruct cosine restarted wide lookup lookup_64 lookup_4bit distilled merge2 '
         'merge2_snapped merge4 merge4_snapped')
# of a reader that writes, on real questions: a prompt costs it a second
WRITTEN = 'ids closed reconstruct restarted distilled wide lookup lookup_64 lookup_4bit merge2_snapped'
# of the patch study, on real photographs
PICTURES = ('labels labels_two_stages image raw raw_half progression two_stages patches_alone standardised soft '
            'labels_npr npr_soft npr_image few few_raw few_soft few_image few_own noisy noisy_image noisy_own '
            'by_pretrained by_one_block by_two_blocks by_all_blocks by_pretrained_standardised '
            'by_all_blocks_standardised')
# page → arguments of kd_ablate, and whether it reads KD_DATA
PUBLISHED = {
    'protein/generated': ('protein', False),
    'protein/antibody': ('protein -p data antibody', True),
    'protein/corpus': ('protein -p data corpus --arms hard kd uncertainty calibration both soft', True),
    'protein/teachers': ('protein -p teacher_seeds 5 --arms hard kd uncertainty both soft', False),
    'text/generated': ('text', False),
    'text/smollm2': ('text --preset pretrained -p teacher smollm2 --arms hard kd uncertainty_mean1 both soft', False),
    'motif/generated': ('motif --arms all', False),
    'motif/mpra165': (f'motif -p data mpra165 --arms {MEASURED}', True),
    'motif/natural50': (f'motif -p data natural50 --arms {MEASURED}', True),
    'adapter/generated': (f'adapter --arms {ADAPTERS}', False),
    'adapter/squad_minilm': (f'adapter -p data squad -p reader minilm --arms {SPANS}', True),
    'adapter/squad_smollm2': (f'adapter -p data squad -p reader smollm2 --seeds 3 --arms {WRITTEN}', True),
    'patch/generated': ('patch', False),
    'patch/cifake': (f'patch -p data cifake --arms {PICTURES}', True),
    'qa/generated': ('qa', False),
    'qa/skills_qa': ('qa -p data skills_qa -p embedder minilm', True),
    'qa/squad_wiki': ('qa -p data squad_wiki -p embedder minilm', True),
}
MADE = '<!-- Made by .ci/publish.py from a published grid: nothing here is typed by hand -->'
LONG = {'log'}   # of a result, too long for a line


def run(page, arguments):
    "The finished grid of a page, or None where it failed"
    folder = ROOT/'_runs'/'published'/page
    print(f'{page}: kd_ablate {arguments}', flush=True)
    done = subprocess.run(['kd_ablate', *arguments.split(), '--out', str(folder)], cwd=ROOT)
    return Grid(folder) if done.returncode == 0 else None


def line(result):
    "A run on a line: what was run where, and its numbers; not its training log, and no path of this machine"
    kept = {k: v for k, v in result.items() if k not in LONG}
    kept['parameters'] = {k: Path(v).name if isinstance(v, str) and '/' in v else v for k, v in result['parameters'].items()}
    kept['setup'] = {k: v for k, v in kept['setup'].items() if k not in LONG}
    if 'fitted' in kept: kept['fitted'] = {k: v for k, v in kept['fitted'].items() if k != 'path'}
    return json.dumps(kept) + '\n'


def outputs(cell):
    "What a cell of the executed report shows, as Markdown"
    for output in cell.get('outputs', []):
        data, name = output.get('data', {}), output.get('metadata', {}).get('figure')
        if name: yield f"![{output.metadata['caption']}]({name}.png)"
        elif 'text/markdown' in data: yield data['text/markdown']


def page(grid, where):
    "The executed report in Markdown; its title gives way to the page's"
    first, *cells = nbformat.read(grid.folder/'report.ipynb', 4).cells
    parts = [f'{MADE}\n\n# {where}']
    for cell in cells: parts.extend([cell.source] if cell.cell_type == 'markdown' else outputs(cell))
    return '\n\n'.join(parts) + '\n'


def publish(grid, where):
    "Copy what is small of a finished grid, and write its page"
    target = RESULTS/where
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in ('report.txt', 'summary.json'): shutil.copy(grid.folder/file, target/file)
    for figure in sorted((grid.folder/'figures').glob('*.png')): shutil.copy(figure, target/figure.name)
    with open(target/'runs.jsonl', 'w') as f: f.writelines(map(line, grid.results()))
    (target/'README.md').write_text(page(grid, where))


def index(study):
    "The page of a study: what was found on each data, with a link to the whole report"
    parts = [f'{MADE}\n\n# Published results: {study}', f'Arms, metrics and claims are explained in [the study](../../studies/{study}/study.ipynb).']
    for file in sorted((RESULTS/study).glob('*/README.md')):
        findings = re.search(r'(?ms)^- .*?(?=\n\n)', file.read_text())
        parts.append(f'## [{file.parent.name}]({file.parent.name}/README.md)\n\n{findings[0] if findings else ""}')
    (RESULTS/study).mkdir(parents=True, exist_ok=True)
    (RESULTS/study/'README.md').write_text('\n\n'.join(parts) + '\n')


wanted = sys.argv[1:] or list(PUBLISHED)
if unknown := [w for w in wanted if w not in PUBLISHED]: sys.exit(f'no page {", ".join(unknown)}; there are {", ".join(PUBLISHED)}')
print('commit', git_commit(), flush=True)
failed = []
for where in wanted:
    arguments, needs_data = PUBLISHED[where]
    if needs_data and not os.environ.get('KD_DATA'): print(f'{where}: left as it is, because KD_DATA is not set'); continue
    if grid := run(where, arguments): publish(grid, where)
    else: failed.append(where)
for study in {w.split('/')[0] for w in wanted}: index(study)
sys.exit(f'failed: {", ".join(failed)}' if failed else 0)
