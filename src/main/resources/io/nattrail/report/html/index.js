// The list of cases is in the page already; this sorts it, and shows those that are looked for.
import {h, put} from './dom.js';
import {themeButton} from './theme.js';

const table = document.getElementById('cases');
const body = table.tBodies[0];
const status = document.getElementById('status');
const rows = [...body.rows].map((element, rank) => ({
    element,
    rank,
    text: element.textContent.toLowerCase(),
    verdict: element.dataset.verdict,
    keys: [...element.cells].map(cell => cell.dataset.key ?? cell.textContent.toLowerCase()),
}));
const heads = [...table.tHead.rows[0].cells];
const none = h('tr', {class: 'none'}, h('td', {colspan: heads.length}, 'No case fits.'));
const wanted = {text: '', verdict: '', column: '', down: ''};

/** Texts with the numbers in them in the order of numbers: case-9 before case-10. */
const TEXTS = new Intl.Collator('en', {numeric: true});

function compare(a, b, numeric) {
    return numeric ? Number(a) - Number(b) : TEXTS.compare(a, b);
}

function show() {
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = row => (!wanted.verdict || row.verdict === wanted.verdict) && words.every(word => row.text.includes(word));
    const column = wanted.column === '' ? -1 : Number(wanted.column);
    const numeric = column >= 0 && heads[column].classList.contains('number');
    const sign = wanted.down ? -1 : 1;
    const chosen = rows.filter(fits);
    // Without a column the order is that of the page: the worst first.
    chosen.sort((a, b) => (column < 0 ? 0 : sign * compare(a.keys[column], b.keys[column], numeric)) || a.rank - b.rank);
    put(body, chosen.length ? chosen.map(row => row.element) : none);
    status.textContent =
        chosen.length === rows.length ? `${rows.length} case${rows.length === 1 ? '' : 's'}` : `${chosen.length} of ${rows.length} cases`;
    heads.forEach((head, index) =>
        head.setAttribute('aria-sort', index === column ? (wanted.down ? 'descending' : 'ascending') : 'none'),
    );
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== '')).toString();
    // Some browsers refuse this for pages from disk; the page works without.
    try {
        history.replaceState(null, '', query ? '#' + query : '#');
    } catch (refused) {
        return;
    }
}

function sortButton(head, index) {
    const label = head.textContent;
    put(
        head,
        h(
            'button',
            {
                type: 'button',
                class: 'sort',
                onclick: () => {
                    const same = wanted.column === String(index);
                    // Numbers begin with the greatest; a third click gives the worst first again.
                    const firstDown = head.classList.contains('number') ? '1' : '';
                    if (same && wanted.down !== firstDown) {
                        wanted.column = '';
                        wanted.down = '';
                    } else {
                        wanted.down = same ? (wanted.down ? '' : '1') : firstDown;
                        wanted.column = String(index);
                    }
                    show();
                },
            },
            label,
            h('span', {class: 'sort-mark', 'aria-hidden': 'true'}),
        ),
    );
}

function filters() {
    const text = h('input', {
        type: 'search',
        id: 'filter-text',
        placeholder: 'Case, step, code, address …',
        autocomplete: 'off',
        oninput: () => {
            wanted.text = text.value;
            show();
        },
    });
    text.value = wanted.text;
    const numbers = new Map();
    rows.forEach(row => numbers.set(row.verdict, (numbers.get(row.verdict) ?? 0) + 1));
    const verdict = h(
        'select',
        {
            id: 'filter-verdict',
            onchange: () => {
                wanted.verdict = verdict.value;
                show();
            },
        },
        h('option', {value: ''}, 'all'),
        [...numbers].map(([name, number]) => h('option', {value: name}, `${name} (${number})`)),
    );
    verdict.value = wanted.verdict;
    const clear = h(
        'button',
        {
            type: 'button',
            class: 'plain',
            onclick: () => {
                Object.keys(wanted).forEach(key => {
                    wanted[key] = '';
                });
                text.value = '';
                verdict.value = '';
                show();
            },
        },
        'Clear',
    );
    return h(
        'form',
        {class: 'filters', role: 'search', 'aria-label': 'Choose cases', onsubmit: event => event.preventDefault()},
        h('div', {class: 'field wide'}, h('label', {for: 'filter-text'}, 'Text'), text),
        h('div', {class: 'field'}, h('label', {for: 'filter-verdict'}, 'Verdict'), verdict),
        h('div', {class: 'field'}, clear),
    );
}

for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (key in wanted && (key !== 'column' || heads[Number(value)])) {
        wanted[key] = value;
    }
}
put(document.getElementById('top-end'), themeButton());
document.getElementById('filters').replaceWith(filters());
heads.forEach(sortButton);
show();
document.documentElement.dataset.ready = 'true';
