"""The architecture of the house, as a test that runs in seconds and imports none of it.

python .ci/house.py [CHECKOUT]            fails with a list of what breaks a rule
python .ci/house.py --count [CHECKOUT]    sizes, prose and tests of the library and of each study
"""
import argparse, ast, json, re, sys
from collections import defaultdict
from pathlib import Path
from statistics import median

LINES, CHARACTERS, COLUMNS = 25, 1200, 120
# (notebook, name that the cell defines) → why it may be larger
EXCEPTIONS = {}
# the library finds studies by name, and only where it runs them
MAY_IMPORT_STUDIES = {88, 90}


class Notebook:
    "One notebook: its exported cells, prose and tests"
    def __init__(self, path, root):
        self.path, self.name = path, str(path.relative_to(root))
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        texts = [(c['cell_type'], ''.join(c['source'])) for c in cells]
        self.prose = [text for kind, text in texts if kind == 'markdown']
        code = [text for kind, text in texts if kind == 'code']
        self.exported = [text for text in code if re.match(r'(#\|.*\n)*#\|\s*exports?\b', text)]
        self.other = [text for text in code if text not in self.exported]
        default = next((m for text in code if (m := re.search(r'(?m)^#\|\s*default_exp\s+(\S+)', text))), None)
        self.module = default[1] if default else None
        number = re.match(r'(\d+)_', path.name)
        self.number = int(number[1]) if number and path.parent.name == 'lib' else None

    def imports(self):
        "(module inside the package, name or None, line) of each import of exported cells, also inside functions"
        for text in self.exported:
            for node in ast.walk(parsed(text)):
                if isinstance(node, ast.Import):
                    yield from ((inside(a.name), None) for a in node.names if inside(a.name) is not None)
                elif isinstance(node, ast.ImportFrom) and (module := from_module(node)) is not None:
                    for alias in node.names: yield module, alias.name

    def foreign(self):
        "Top-level packages of others that exported cells import"
        for text in self.exported:
            for node in ast.walk(parsed(text)):
                if isinstance(node, ast.Import): yield from (a.name.split('.')[0] for a in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level: yield (node.module or '').split('.')[0]


def parsed(text):
    "A cell as a tree, without lines that only IPython understands"
    return ast.parse(re.sub(r'(?m)^\s*[%!].*$', '', text))


def inside(name):
    "'kd_notebooks.data' → 'data'; None for other packages"
    if name == 'kd_notebooks': return ''
    return name.removeprefix('kd_notebooks.') if name.startswith('kd_notebooks.') else None


def from_module(node):
    "The module inside the package that a `from … import` reads, '' for the package itself"
    return node.module or '' if node.level else inside(node.module or '')


def notebooks(root):
    "All notebooks under nbs/, but not those in folders that begin with _ or ."
    for path in sorted((root/'nbs').rglob('*.ipynb')):
        if not any(part.startswith(('_', '.')) for part in path.relative_to(root/'nbs').parts): yield Notebook(path, root)


def defined(text):
    "The first name that a cell defines"
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return next((n.name for n in parsed(text).body if isinstance(n, kinds)), text.strip().splitlines()[-1][:40])


def size_faults(book):
    "Exported cells over the limits"
    for text in book.exported:
        lines, name = text.splitlines(), defined(text)
        if (book.name, name) in EXCEPTIONS: continue
        full, wide = sum(bool(line.strip()) for line in lines), sum(len(line) > COLUMNS for line in lines)
        said = [f'{full} lines'] * (full > LINES) + [f'{len(text)} characters'] * (len(text) > CHARACTERS)
        said += [f'{wide} lines over {COLUMNS} columns'] * (wide > 0)
        if said: yield f'{book.name}: {name}: {", ".join(said)}'


# what runs code that a file holds; torch.load does not since 2.6, which settings.ini asks for
LOADERS = {'load', 'loads', 'Unpickler', 'read_pickle', 'unsafe_load', 'full_load', 'open'}
PICKLING = {'pickle', 'dill', 'cloudpickle', 'joblib', 'marshal', 'shelve', 'yaml'}


def unsafe(node):
    "Whether a call reads a file that may hold code"
    if not isinstance(node, ast.Call): return False
    given = {k.arg: getattr(k.value, 'value', None) for k in node.keywords}
    if given.get('allow_pickle') or given.get('trust_remote_code') or given.get('weights_only') is False: return True
    owner, name = getattr(getattr(node.func, 'value', None), 'id', ''), getattr(node.func, 'attr', '')
    return name in LOADERS and owner in PICKLING or name == 'read_pickle'


def pickle_faults(book):
    "Calls that run code that a file holds; a test that reads what it wrote itself says `# trusted` in its line"
    for text in [*book.exported, *book.other]:
        if re.match(r'(#\|.*\n)*\s*%%', text): continue      # another language, or a magic of IPython
        for node in filter(unsafe, ast.walk(parsed(text))):
            line = text.splitlines()[node.lineno - 1]
            if '# trusted' not in line: yield f'{book.name}: `{line.strip()[:60]}` may run code that a file holds'


def warning_faults(book):
    "Tests that look for a warning without asking for it: another notebook in the same process may have silenced all"
    for text in book.other:
        asked = text.count("simplefilter('always')") + text.count("simplefilter('error')")
        if text.count('catch_warnings(record=True)') > asked:
            yield f"{book.name}: a cell records warnings without warnings.simplefilter('always')"


def targets(book, modules):
    "(module, name or None) of each import, `from kd_notebooks import x` and `from .studies import x` resolved"
    for module, name in book.imports():
        whole = f'{module}.{name}'.lstrip('.')
        yield (whole, None) if name and whole in modules else (module, name)


def import_faults(books):
    "Imports upward, of studies by the library, of private names, and what `losses` must not know"
    modules = {b.module: b for b in books if b.module}
    for book in books:
        if not book.module: continue
        for module, name in sorted(set(targets(book, modules)), key=str):
            other = modules.get(module)
            if name and name.startswith('_') and not name.startswith('__'):
                yield f'{book.name}: the private name {name} is imported from {module}'
            if book.number is None: continue
            if module.split('.')[0] == 'studies' and book.number not in MAY_IMPORT_STUDIES:
                yield f'{book.name}: the library imports a study ({module})'
            if other and other.number is not None and other.number >= book.number:
                yield f'{book.name}: imports {module} ({other.number}), which is not below {book.number}'
        if book.module == 'losses':
            known = {m for m, _ in targets(book, modules)} | set(book.foreign())
            for wrong in sorted(known & {'fused', 'transformers'}): yield f'{book.name}: losses imports {wrong}'


def circles(books):
    "Circles among the modules"
    modules = {b.module: b for b in books if b.module}
    needs = {m: sorted({t for t, _ in targets(b, modules) if t in modules}) for m, b in modules.items()}
    done, found = set(), []
    def visit(module, above):
        if module in above: return found.append(' → '.join([*above[above.index(module):], module]))
        if module in done: return
        for other in needs[module]: visit(other, [*above, module])
        done.add(module)
    for module in needs: visit(module, [])
    return [f'a circle of imports: {circle}' for circle in found]


def tests_in(book):
    "Asserts and calls of fastcore's test_… in cells that are not exported"
    return sum(len(re.findall(r'(?m)(?:^|[;:])\s*assert\b|\btest_\w+\(', text)) for text in book.other)


def row(name, books):
    "A line of the table"
    cells = [text for b in books for text in b.exported]
    lines = [line for text in cells for line in text.splitlines() if line.strip()]
    sizes = [sum(bool(line.strip()) for line in text.splitlines()) for text in cells]
    words = sum(len(text.split()) for b in books for text in b.prose)
    if not cells: return f'| {name} | 0 | | | | | |'
    wide = 100*sum(len(line) > COLUMNS for line in lines)/len(lines)
    over, tests = sum(size > LINES for size in sizes), 100*sum(map(tests_in, books))/len(lines)
    return (f'| {name} | {len(lines)} | {median(sizes):g} | {over} of {len(cells)} | {wide:.1f} % '
            f'| {words/len(lines):.1f} | {tests:.0f} |')


def count(books):
    "The table of sizes, prose and tests"
    parts = defaultdict(list)
    for book in books:
        folders = Path(book.name).parts
        if folders[1] == 'lib': parts['library'].append(book)
        elif folders[1] == 'studies' and len(folders) == 4:
            parts['all studies'].append(book)
            if folders[3] in ('study.ipynb', 'data.ipynb'): parts[f'{folders[2]}, {folders[3]}'].append(book)
    print('| | exported lines | median cell, lines | cells over 25 lines | lines over 120 columns '
          '| words per exported line | tests per 100 exported lines |')
    print('|---|---|---|---|---|---|---|')
    for name in sorted(parts, key=lambda n: (n != 'library', n != 'all studies', n)): print(row(name, parts[name]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkout', nargs='?', type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument('--count', action='store_true', help='print the table instead')
    args = parser.parse_args()
    books = list(notebooks(args.checkout.resolve()))
    if not books: sys.exit(f'{args.checkout} has no notebooks under nbs/')
    if args.count: return count(books)
    each = size_faults, pickle_faults, warning_faults
    faults = [fault for book in books for rule in each for fault in rule(book)] + [*import_faults(books), *circles(books)]
    # a check that never found anything proves nothing
    risky = ['pickle.load(f)', 'np.load(p, allow_pickle=True)', 'joblib.load(p)', 'pd.read_pickle(p)',
             'yaml.load(t)', 'torch.load(p, weights_only=False)', 'm.from_pretrained(p, trust_remote_code=True)']
    harmless = ['json.load(f)', 'torch.load(p)', 'torch.load(p, weights_only=True)', 'np.load(p)', 'yaml.safe_load(t)', 'pickle.dumps(x)']
    assert [any(map(unsafe, ast.walk(ast.parse(t)))) for t in risky + harmless] == [True]*len(risky) + [False]*len(harmless)
    if faults: sys.exit('\n'.join([*faults, f'{len(faults)} faults']))
    print(f'{len(books)} notebooks keep the rules')


if __name__ == '__main__': main()
