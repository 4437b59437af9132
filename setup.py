"""Everything that this file knows stands in settings.ini."""
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='])
parser.read(here/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']


class Build(build_py):
    "The package and, since a wheel has no nbs/, the notebooks that its commands execute or read"
    def notebooks(self):
        "Notebook → its copy; an editable install reads nbs/ itself"
        if self.editable_mode: return {}
        studies, guide = here/'nbs'/'studies', here/'nbs'/'guides'/'own_study.ipynb'
        found = [*studies.glob('*/ablation.ipynb'), *studies.glob('*/report.ipynb'), *[guide]*guide.exists()]
        target = Path(self.build_lib)/cfg['lib_path']/'_notebooks'
        return {str(p): str(target/p.relative_to(here/'nbs')) for p in sorted(found)}

    def run(self):
        super().run()
        for notebook, copy in self.notebooks().items():
            self.mkpath(str(Path(copy).parent))
            self.copy_file(notebook, copy)

    def get_outputs(self, include_bytecode=1): return [*super().get_outputs(include_bytecode), *self.notebooks().values()]


setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=(here/'README.md').read_text(encoding='utf-8') if (here/'README.md').exists() else '',
    long_description_content_type='text/markdown',
    author=cfg['author'],
    author_email=cfg['author_email'],
    url=cfg['git_url'],
    license='Apache-2.0',
    keywords=cfg['keywords'].split(),
    packages=find_packages(include=['kd_notebooks', 'kd_notebooks.*']),
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg['requirements'].split(),
    extras_require={key.removesuffix('_requirements'): cfg[key].split() for key in cfg if key.endswith('_requirements')},
    entry_points={
        'console_scripts': cfg['console_scripts'].split(),
        'nbdev': [f"{cfg['lib_path']}={cfg['lib_path']}._modidx:d"],
    },
    cmdclass={'build_py': Build},
    zip_safe=False,
)
