// Tables: each scrolls inside itself, and sorts by a click on a heading
const number = text => {
  const found = text.replace(/[−–]/g, '-').replace(/,(?=\d{3})/g, '').match(/^\s*[×~±]?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)/i);
  return found ? parseFloat(found[1]) : NaN;
};

function compare(a, b) {
  const x = number(a), y = number(b);
  if (!isNaN(x) && !isNaN(y)) return x - y;
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return a.localeCompare(b);
}

function sortable(table) {
  const body = table.tBodies[0], heads = table.tHead && table.tHead.rows[table.tHead.rows.length - 1];
  const spans = table.querySelector('tbody [rowspan]:not([rowspan="1"]), [colspan]:not([colspan="1"])');
  if (!body || !heads || body.rows.length < 3 || spans) return;
  [...heads.cells].forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.title = 'Sort by this column';
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute('aria-sort', 'none');
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      [...heads.cells].forEach(h => h.hasAttribute('aria-sort') && h.setAttribute('aria-sort', 'none'));
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const value = row => row.cells[column] ? row.cells[column].textContent.trim() : '';
      const rows = [...body.rows].sort((a, b) => compare(value(a), value(b)));
      body.append(...(up ? rows : rows.reverse()));
    });
  });
}

document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('.bd-article table').forEach(table => {
    if (!table.parentElement.closest('.scrolls')) {
      const box = document.createElement('div');
      box.className = 'scrolls';
      box.tabIndex = 0;
      table.replaceWith(box);
      box.append(table);
    }
    table.querySelectorAll('tbody td').forEach(td => {
      if (!isNaN(number(td.textContent.trim())) && td.textContent.length < 30) td.classList.add('number');
    });
    sortable(table);
  });
});
