"""The built site in a real browser: python .ci/browser.py SITE [--shots DIR]

Opens every page in Chromium (`chromium` on the path, or $CHROMIUM) with nothing outside the site to be reached, and fails with a list of
what is wrong: errors in the console, requests that leave the site, links, anchors and images that lead nowhere, figures without an
alternative text, maths that stayed raw; on a sample of each kind of page, in light and dark, contrast (axe-core) and sideways scroll at
390 px; and a search that does not find its page.
"""
import argparse, os, re, shutil, sys, threading, time
from collections import defaultdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

from playwright.sync_api import sync_playwright

PHONE, DESK = dict(width=390, height=844), dict(width=1280, height=900)
SOUGHT, FOUND_AT = 'entropy_weights', 'api/weights.html'
SEEN = '''async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  const raw = [], walk = document.createTreeWalker(document.querySelector('main') || document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.parentElement.closest('pre, code, script, style, mjx-container') && /\\$\\$|\\\\\\(|\\\\\\[/.test(node.data)) raw.push(node.data.trim());
  }
  const images = [...document.images];
  images.forEach(i => i.loading = 'eager');
  await Promise.all(images.map(i => i.complete ? 0 : new Promise(done => { i.onload = i.onerror = done; })));
  return {
    raw, ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    unset: [...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container')).map(e => e.textContent.trim()),
    wrong: [...document.querySelectorAll('[data-mml-node="merror"]')].map(e => e.getAttribute('title') || e.textContent),
    links: [...document.querySelectorAll('a[href]')].map(e => e.href),
    images: images.map(i => ({src: i.src, width: i.naturalWidth, alt: i.getAttribute('alt')})),
  };
}'''
SIDEWAYS = '() => document.documentElement.scrollWidth - document.documentElement.clientWidth'
WIDE = '''() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
  && !e.parentElement.closest('.scrolls, pre, mjx-container, .cell_output')).slice(0, 3).map(e => e.tagName + '.' + e.className)'''
# axe-core takes minutes for thousands of words of code: some blocks and rows show what all of them show
THIN = '''() => {
  document.head.append(Object.assign(document.createElement('style'), {textContent: '* { transition: none !important }'}));
  document.querySelectorAll('main pre').forEach((e, i) => i > 8 && e.remove());
  document.querySelectorAll('main table').forEach(t => [...t.rows].slice(6).forEach(row => row.remove()));
}'''
CONTRAST = '''async () => (await axe.run({runOnly: {type: 'rule', values: ['color-contrast']}})).violations
  .flatMap(v => v.nodes.map(n => n.target.join(' ') + ': ' + n.any.map(a => a.message).join('; ')))'''


class Quiet(SimpleHTTPRequestHandler):
    "Serves the site without a log"
    def log_message(self, *args): pass


def served(site):
    "The address at which the site is served"
    server = ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{server.server_address[1]}/'


def pages_of(site):
    "All pages, but what Sphinx keeps for itself"
    return sorted(p.relative_to(site).as_posix() for p in site.rglob('*.html') if not p.relative_to(site).parts[0].startswith('_'))


def sample(pages):
    "Of each kind of page one, and those that a reader meets first"
    kinds = defaultdict(list)
    for page in pages:
        top, *folders, name = ['', *page.split('/')][-max(2, page.count('/') + 1):]
        kinds[top, len(folders), name if top in ('studies', 'results') else ''].append(page)
    first = [p for p in pages if '/' not in p] + [p for p in pages if p.startswith('guides/')]
    return sorted({*first, *(found[0] for found in kinds.values())} - {'genindex.html', 'py-modindex.html'})


def listen(page, base, faults):
    "Collect errors, and requests that fail or leave the site"
    def where(): return page.url.removeprefix(base)
    page.on('console', lambda m: m.type == 'error' and faults.append(f'{where()}: console: {m.text}'))
    page.on('pageerror', lambda e: faults.append(f'{where()}: script: {e}'))
    page.on('response', lambda r: r.status >= 400 and faults.append(f'{where()}: {r.status} {r.url}'))
    def route(r):
        if r.request.url.startswith((base, 'data:', 'blob:')): return r.continue_()
        faults.append(f'{where()}: asks for {r.request.url}')
        r.abort()
    page.route('**/*', route)


def visit(page, base, pages, faults):
    "Open every page; page → what it holds"
    seen = {}
    for name in pages:
        page.goto(base + name, wait_until='load', timeout=120_000)
        seen[name] = found = page.evaluate(SEEN)
        for kind in ('raw', 'unset', 'wrong'): faults += [f'{name}: maths not rendered: {text[:80]}' for text in found[kind]]
        for image in found['images']:
            if not image['width']: faults.append(f'{name}: broken image {image["src"].removeprefix(base)}')
            if image['alt'] is None or not image['alt'].strip(): faults.append(f'{name}: no alternative text: {image["src"].removeprefix(base)}')
    return seen


def check_links(site, base, seen, faults):
    "Internal links lead to a file, and their anchors to an element; their number"
    ids, count = {name: set(found['ids']) for name, found in seen.items()}, 0
    for name, found in seen.items():
        for link in set(found['links']):
            if not link.startswith(base): continue
            count += 1
            target, anchor = urldefrag(urljoin(base + name, link))
            target = unquote(target.removeprefix(base).split('?')[0]) or 'index.html'
            if not (site/target).is_file(): faults.append(f'{name}: broken link {target}')
            elif anchor and target in ids and unquote(anchor) not in ids[target]: faults.append(f'{name}: no anchor {target}#{anchor}')
    return count


def look(page, base, names, axe, faults):
    "Contrast in both modes and width of a phone, on a sample"
    for name in names:
        for mode in ('light', 'dark'):
            page.set_viewport_size(DESK)
            page.goto(base + name, wait_until='load')
            page.evaluate('mode => { document.documentElement.dataset.theme = mode; document.documentElement.dataset.mode = mode; }', mode)
            page.evaluate(THIN)
            page.evaluate(axe)
            faults += [f'{name}: contrast ({mode}): {text}' for text in page.evaluate(CONTRAST)]
        page.set_viewport_size(PHONE)
        page.goto(base + name, wait_until='load')
        page.evaluate(SEEN)
        if (wide := page.evaluate(SIDEWAYS)) > 0: faults.append(f'{name}: {wide} px too wide at 390 px: {page.evaluate(WIDE)}')


def search(page, base, faults):
    "What the search finds"
    page.set_viewport_size(DESK)
    page.goto(f'{base}search.html?q={SOUGHT}', wait_until='load')
    try: page.wait_for_selector(f'#search-results li a[href*="{FOUND_AT}"]', timeout=30_000)
    except Exception: faults.append(f'search.html: {SOUGHT} does not find {FOUND_AT}')


def shots(page, base, folder, names):
    "Pictures of pages, to be looked at"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for label, size, mode in (('desk', DESK, 'light'), ('dark', DESK, 'dark'), ('phone', PHONE, 'light')):
            page.set_viewport_size(size)
            page.goto(base + name, wait_until='load')
            page.evaluate('mode => { document.documentElement.dataset.theme = mode; document.documentElement.dataset.mode = mode; }', mode)
            page.evaluate(SEEN)
            page.screenshot(path=str(folder/f'{name.removesuffix(".html").replace("/", "-")}-{label}.png'))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('site', type=Path)
    parser.add_argument('--shots', type=Path, help='only take pictures, into this folder')
    parser.add_argument('--pages', nargs='+', help='only these')
    args = parser.parse_args()
    site = args.site.resolve()
    if not (site/'index.html').exists(): sys.exit(f'{site} holds no index.html: build it with kd_docs --out {args.site}')
    pages, base, faults = args.pages or pages_of(site), served(site), []
    browser_path = os.environ.get('CHROMIUM') or shutil.which('chromium') or shutil.which('google-chrome')
    if not browser_path: sys.exit('no chromium on the path: install it, or say where it is in CHROMIUM')
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=browser_path, args=['--no-sandbox'])
        page = browser.new_page(viewport=DESK)
        if args.shots: return shots(page, base, args.shots, args.pages or sample(pages))
        import axe_core_python
        axe = (Path(axe_core_python.__file__).parent/'axe.min.js').read_text(encoding='utf-8')
        listen(page, base, faults)
        start = time.perf_counter()
        def took(what): print(f'{what}: {time.perf_counter() - start:.0f} s', flush=True)
        seen = visit(page, base, pages, faults)
        links = check_links(site, base, seen, faults)
        took(f'{len(seen)} pages opened, {len(faults)} faults')
        if not args.pages: search(page, base, faults)
        look(page, base, sample(pages), axe, faults)
        took(f'{len(sample(pages))} looked at in both modes and at 390 px')
        browser.close()
    for fault in dict.fromkeys(faults): print(fault)
    print(f'pages {len(seen)}, links {links}, images {sum(len(f["images"]) for f in seen.values())}, faults {len(set(faults))}')
    sys.exit(bool(faults))


if __name__ == '__main__': main()
