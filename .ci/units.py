"""Add `unit` to the claims of published summaries that were written before reports stored it: python .ci/units.py

The unit follows from the study's own claim and metric, found by its text; one that is not there any more is an error."""
import json
import sys
from importlib import import_module
from pathlib import Path

from kd_notebooks.evidence import Claim
from kd_notebooks.files import jsonable
from kd_notebooks.metrics import ITSELF, TIMES, unit_of

RESULTS = Path(__file__).resolve().parent.parent/'nbs'/'results'


def unit(study, found):
    "The unit of a claim of a summary"
    ends = ('', f', {TIMES}', f', {ITSELF}')
    labels = {study.metrics[c.metric].label: study.metrics[c.metric] for c in study.claims if c.text == found['claim']}
    metric = next((m for label, m in labels.items() if found['metric'] in [label + end for end in ends]), None)
    if metric is None: sys.exit(f'{study.name}: no claim {found["claim"]!r} about {found["metric"]!r}')
    return unit_of(Claim(found['claim'], found['source'], found['metric'], found['at_least'], None, metric.better, metric.contrast))


for file in sorted(RESULTS.glob('*/*/summary.json')):
    summary = json.loads(file.read_text(encoding='utf-8'))
    if all('unit' in c for c in summary['claims']): continue
    study = import_module(f'kd_notebooks.studies.{summary["study"]}').study
    def with_unit(c):
        "The same, with its unit behind its metric"
        before = {k: c[k] for k in ('claim', 'source', 'metric')}
        return before | {'unit': unit(study, c)} | c
    summary['claims'] = [with_unit(c) for c in summary['claims']]
    file.write_text(json.dumps(jsonable(summary), indent=1), encoding='utf-8')
    print(file.relative_to(RESULTS))
