"Write README.md from nbs/index.ipynb (nbdev's own nbdev_readme needs Quarto, which pip cannot install)"
import re
from pathlib import Path

import nbformat

root = Path(__file__).resolve().parent.parent


def render(cell):
    "A cell as Markdown, with its text output; cells that are hidden give nothing"
    if re.match(r'#\|\s*hide', cell.source): return ''
    if cell.cell_type != 'code': return cell.source
    source = '\n'.join(line for line in cell.source.splitlines() if not line.startswith('#|')).strip()
    if re.match(r'#\|\s*echo: false', cell.source): return '\n\n'.join(o.data['text/markdown'] for o in cell.outputs if 'text/markdown' in o.get('data', {}))
    printed = ''.join(o.get('text', '') for o in cell.outputs if o.output_type == 'stream' and o.name == 'stdout')
    return f'```python\n{source}\n```' + (f'\n\n```\n{printed.rstrip()}\n```' if printed else '')


text = '\n\n'.join(filter(None, map(render, nbformat.read(root/'nbs'/'index.ipynb', 4).cells)))
# links are relative to nbs/ in the notebook and to the root in the README
text = re.sub(r'\]\((?!https?:|#|\.\./)', '](nbs/', text).replace('](../', '](')
(root/'README.md').write_text(f'<!-- Made from nbs/index.ipynb by .ci/readme.py: edit the notebook -->\n\n{text}\n', encoding='utf-8')
