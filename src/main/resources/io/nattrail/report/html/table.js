// The table of flows: only the rows in sight are in the page.
import {h, put} from './dom.js';
import {count, duration, size, clockTime, plural, VERDICTS} from './format.js';
import {codesOf} from './model.js';
import {verdictTag, leftOut} from './overview.js';

const COLUMNS = [
    {key: 'id', title: 'Flow', class: 'c-id', sort: row => row.id},
    {key: 'verdict', title: 'Verdict', class: 'c-verdict', sort: row => [2, 1, 3, 0].indexOf(row.verdict)},
    {key: 'failedStep', title: 'Step', class: 'c-step', sort: row => row.failedStep ?? '~', label: 'Step where it failed'},
    {key: 'codes', title: 'Findings', class: 'c-codes', sort: row => (row.codes === '' ? '~' : 3 - row.codes[0] + row.codes)},
    {key: 'client', title: 'Client', class: 'c-client', sort: row => natural(row.client)},
    {key: 'service', title: 'Service', class: 'c-service', sort: row => natural(row.service)},
    {key: 'source', title: 'After NAT', class: 'c-nat', sort: row => natural(row.source)},
    {key: 'endpoint', title: 'Endpoint', class: 'c-endpoint', sort: row => natural(row.pod ?? row.endpoint)},
    {key: 'start', title: 'Start', class: 'c-start', sort: row => row.start},
    {key: 'duration', title: 'Duration', class: 'c-number', sort: row => row.duration},
    {key: 'packets', title: 'Frames', class: 'c-number', sort: row => row.packets, label: 'Frames at all points together'},
    {
        key: 'bytes',
        title: 'Bytes',
        class: 'c-number',
        sort: row => row.requestBytes + row.replyBytes,
        label: 'Payload in both directions',
    },
];

/** Addresses, ports and names with numbers in the order of their numbers: 10.244.0.9 before 10.244.0.10. */
const natural = text => text?.replace(/\d+/g, digits => digits.padStart(6, '0')) ?? '~';
const FILTERS = ['text', 'verdict', 'step', 'code', 'endpoint', 'path'];

/** The order and choice of rows; kept while other views are shown. */
export class FlowList {
    constructor(model) {
        this.model = model;
        this.filter = {};
        this.order = {key: 'verdict', down: false};
        /** Number of the flow that was looked at last: there the table is entered again. */
        this.place = null;
        this.chosen = model.rows;
        this.apply();
    }

    apply() {
        const filter = this.filter;
        const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
        const verdict = VERDICTS.indexOf(filter.verdict);
        const [code, step] = (filter.code ?? '').split('@');
        this.chosen = this.model.rows.filter(
            row =>
                (verdict < 0 || row.verdict === verdict) &&
                (!filter.step || row.failedStep === filter.step || (filter.step === 'any' && row.failedStep !== null)) &&
                (!code || (row.codes !== '' && codesOf(row).some(item => item.code === code && (!step || item.step === step)))) &&
                (!filter.path || row.path === filter.path) &&
                (!filter.endpoint || (row.pod ?? row.endpoint) === filter.endpoint) &&
                (words.length === 0 || words.every(word => textOf(row).includes(word))),
        );
        const by = COLUMNS.find(column => column.key === this.order.key).sort;
        const sign = this.order.down ? -1 : 1;
        const keys = new Map(this.chosen.map(row => [row, by(row)]));
        this.chosen.sort((a, b) => {
            const x = keys.get(a);
            const y = keys.get(b);
            return (x < y ? -sign : x > y ? sign : 0) || a.id - b.id;
        });
    }

    /** The flow so many rows further, or null. */
    neighbour(id, distance) {
        const at = this.chosen.findIndex(row => row.id === id);
        return at < 0 ? null : (this.chosen[at + distance] ?? null);
    }

    hash() {
        const query = new URLSearchParams(
            FILTERS.filter(name => this.filter[name]).map(name => [name, this.filter[name]]),
        ).toString();
        return '#flows' + (query ? '?' + query : '');
    }
}

function textOf(row) {
    row.search ??= [
        row.id,
        row.client,
        row.service,
        row.clusterIp,
        row.serviceName,
        row.source,
        row.destination,
        row.endpoint,
        row.pod,
        row.node,
        row.path,
        row.protocol,
        row.codes.replace(/(^| )\d/g, ' '),
        VERDICTS[row.verdict],
    ]
        .filter(Boolean)
        .join(' ')
        .toLowerCase();
    return row.search;
}

/** The whole view: filters above, rows below. */
export function flowTable(model, list) {
    const status = h('p', {class: 'table-status', role: 'status'});
    const body = h('div', {class: 'rows-space', role: 'rowgroup'});
    const head = h(
        'div',
        {class: 'row head', role: 'row', 'aria-rowindex': 1},
        COLUMNS.map(column => header(column)),
    );
    const grid = h(
        'div',
        {class: 'grid', role: 'grid', tabindex: 0, 'aria-label': 'Flows', 'aria-colcount': COLUMNS.length},
        h('div', {role: 'rowgroup', class: 'grid-head'}, head),
        body,
    );
    let active = 0;
    let drawn = '';
    const lines = new Map();

    function header(column) {
        return h(
            'div',
            {role: 'columnheader', class: 'cell ' + column.class, 'data-key': column.key, 'aria-sort': 'none'},
            h(
                'button',
                {
                    type: 'button',
                    class: 'sort',
                    title: column.label ?? null,
                    onclick: () => {
                        list.order = {key: column.key, down: list.order.key === column.key && !list.order.down};
                        refresh();
                    },
                },
                column.title,
                h('span', {class: 'sort-mark', 'aria-hidden': 'true'}),
            ),
        );
    }

    const rowHeight = () => (window.matchMedia('(max-width: 760px)').matches ? 64 : 30);

    function refresh() {
        list.apply();
        list.place = null;
        show(0);
    }

    /** What was chosen, with this row in sight. */
    function show(row) {
        active = row;
        drawn = '';
        for (const cell of head.children) {
            const sorted = cell.dataset.key === list.order.key;
            cell.setAttribute('aria-sort', sorted ? (list.order.down ? 'descending' : 'ascending') : 'none');
        }
        grid.setAttribute('aria-rowcount', list.chosen.length + 1);
        status.textContent =
            list.chosen.length === model.rows.length
                ? plural(model.rows.length, 'flow')
                : `${count(list.chosen.length)} of ${plural(model.rows.length, 'flow')}`;
        history.replaceState(null, '', list.hash());
        body.style.height = list.chosen.length * rowHeight() + 'px';
        grid.scrollTop = active === 0 ? 0 : active * rowHeight() - (grid.clientHeight - head.offsetHeight) / 2;
        draw();
    }

    /** As it was left: at the flow that was looked at, if it is among those that are chosen. */
    function enter() {
        list.apply();
        const row = list.chosen.findIndex(one => one.id === list.place);
        show(Math.max(0, row));
        if (row >= 0) {
            grid.focus({preventScroll: true});
        }
    }

    function draw() {
        const height = rowHeight();
        const from = Math.max(0, Math.floor(grid.scrollTop / height) - 8);
        const to = Math.min(list.chosen.length, from + Math.ceil((grid.clientHeight || 800) / height) + 16);
        const key = [from, to, height, active].join();
        if (key === drawn) {
            return;
        }
        if (drawn === '') {
            body.style.height = list.chosen.length * height + 'px';
            body.replaceChildren();
            lines.clear();
            if (list.chosen.length === 0) {
                body.append(
                    h('div', {class: 'row', role: 'row'}, h('div', {class: 'cell empty', role: 'gridcell'}, 'No flow fits.')),
                );
            }
        }
        drawn = key;
        // Rows that stay in sight stay in the page; only what scrolled in is made.
        for (const [index, element] of lines) {
            if (index < from || index >= to) {
                element.remove();
                lines.delete(index);
            } else {
                element.setAttribute('aria-selected', String(index === active));
            }
        }
        for (let index = to - 1, next = null; index >= from; index--) {
            if (!lines.has(index)) {
                lines.set(index, line(list.chosen[index], index, height));
                body.insertBefore(lines.get(index), next);
            }
            next = lines.get(index);
        }
        grid.setAttribute('aria-activedescendant', lines.has(active) ? 'flow-row-' + list.chosen[active].id : '');
    }

    function line(row, index, height) {
        const element = flowRow(model, row);
        element.id = 'flow-row-' + row.id;
        element.setAttribute('aria-rowindex', index + 2);
        element.setAttribute('aria-selected', String(index === active));
        element.style.transform = `translateY(${index * height}px)`;
        element.addEventListener('click', () => {
            location.hash = '#flow/' + row.id;
        });
        return element;
    }

    function move(to) {
        active = Math.max(0, Math.min(list.chosen.length - 1, to));
        const height = rowHeight();
        const visible = grid.clientHeight - head.offsetHeight;
        if (active * height < grid.scrollTop) {
            grid.scrollTop = active * height;
        } else if ((active + 1) * height > grid.scrollTop + visible) {
            grid.scrollTop = (active + 1) * height - visible;
        }
        draw();
    }

    grid.addEventListener('scroll', () => requestAnimationFrame(draw), {passive: true});
    grid.addEventListener('keydown', event => {
        const page = Math.max(1, Math.floor(grid.clientHeight / rowHeight()) - 2);
        const moves = {
            ArrowDown: active + 1,
            ArrowUp: active - 1,
            PageDown: active + page,
            PageUp: active - page,
            Home: 0,
            End: list.chosen.length - 1,
        };
        if (event.target !== grid) {
            return;
        }
        if (event.key in moves) {
            event.preventDefault();
            move(moves[event.key]);
        } else if (event.key === 'Enter' && list.chosen[active]) {
            location.hash = '#flow/' + list.chosen[active].id;
        }
    });
    // Rows are made anew only for another height: who presses a row while the table settles also releases it there.
    let drawnHeight = rowHeight();
    new ResizeObserver(() => {
        if (drawnHeight !== rowHeight()) {
            drawnHeight = rowHeight();
            drawn = '';
        }
        draw();
    }).observe(grid);
    const view = h(
        'div',
        {class: 'flows-view'},
        h('h1', {class: 'view-title'}, 'Flows'),
        filters(model, list, refresh),
        status,
        grid,
        leftOut(model),
    );
    queueMicrotask(enter);
    return view;
}

/** The head of the printed page. */
export function printedHead() {
    return h(
        'div',
        {class: 'row head', role: 'row'},
        COLUMNS.map(column => h('div', {role: 'columnheader', class: 'cell ' + column.class}, column.title)),
    );
}

/** One row, as the table and the printed page show it. */
export function flowRow(model, row) {
    const codes = codesOf(row);
    const cells = {
        id: row.id,
        verdict: verdictTag(row.verdict),
        failedStep: row.failedStep ?? '',
        codes: codes.map(item => h('span', {class: 'code-chip sev-' + ['info', 'warning', 'error'][item.severity]}, item.code)),
        client: [h('span', {class: 'proto'}, row.protocol), row.client ?? ''],
        service: row.service ?? '',
        source: row.source ? row.source + ' → ' + row.destination : '',
        endpoint: h('bdi', {dir: 'ltr'}, row.pod ? row.pod.split('/').pop() : (row.endpoint ?? '')),
        start: clockTime(model.absolute(row.start), 3),
        duration: duration(row.duration),
        packets: count(row.packets),
        bytes: size(row.requestBytes + row.replyBytes),
    };
    return h(
        'div',
        {class: 'row', role: 'row'},
        COLUMNS.map(column =>
            h(
                'div',
                {
                    role: 'gridcell',
                    class: 'cell ' + column.class,
                    title:
                        column.key === 'codes'
                            ? codes.map(item => item.code).join(', ') || null
                            : column.key === 'source'
                              ? cells.source || null
                              : column.key === 'service'
                                ? row.serviceName
                                : column.key === 'endpoint'
                                  ? [row.pod, row.endpoint, row.node].filter(Boolean).join(' ') || null
                                  : null,
                },
                cells[column.key],
            ),
        ),
    );
}

function filters(model, list, refresh) {
    let waiting = 0;
    const text = h('input', {
        type: 'search',
        id: 'filter-text',
        placeholder: 'Address, pod, service, code …',
        autocomplete: 'off',
        oninput: event => {
            clearTimeout(waiting);
            waiting = setTimeout(() => {
                list.filter.text = event.target.value;
                refresh();
            }, 80);
        },
    });
    text.value = list.filter.text ?? '';
    const steps = [...new Set(model.rows.map(row => row.failedStep).filter(Boolean))].sort();
    const codes = Object.entries(model.codes)
        .filter(([, type]) => type.flows > 0)
        .sort((a, b) => b[1].flows - a[1].flows);
    const endpoints = new Map();
    for (const row of model.rows) {
        const name = row.pod ?? row.endpoint;
        if (name !== null && (endpoints.size < 500 || endpoints.has(name))) {
            endpoints.set(name, (endpoints.get(name) ?? 0) + 1);
        }
    }
    const paths = model.paths.map(path => [path.name, path.name]);
    const selects = [
        select(
            'verdict',
            'Verdict',
            VERDICTS.map((name, i) => [name, `${name} (${count(model.verdicts[i])})`]),
        ),
        select('step', 'Failed at', steps.length ? [['any', 'any step'], ...steps.map(step => [step, 'step ' + step])] : []),
        select(
            'code',
            'Finding',
            codes.flatMap(([code, type]) => [
                [code, `${code} (${count(type.flows)})`],
                ...[...model.stepsOf(code)]
                    .map(([step, flows]) => [model.choiceOf(code, step), `${code} at step ${step} (${count(flows)})`])
                    .filter(([choice]) => choice !== code),
            ]),
        ),
        select(
            'endpoint',
            'Endpoint',
            [...endpoints].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([name, flows]) => [name, `${name} (${count(flows)})`]),
        ),
        paths.length > 1 ? select('path', 'Path', paths) : null,
    ];

    function select(name, title, options) {
        const element = h(
            'select',
            {
                id: 'filter-' + name,
                onchange: event => {
                    list.filter[name] = event.target.value;
                    refresh();
                },
            },
            h('option', {value: ''}, 'all'),
            options.map(([value, label]) => h('option', {value}, label)),
        );
        element.value = list.filter[name] ?? '';
        return h('div', {class: 'field'}, h('label', {for: 'filter-' + name}, title), element);
    }

    const clear = h(
        'button',
        {
            type: 'button',
            class: 'plain',
            onclick: () => {
                list.filter = {};
                text.value = '';
                form.querySelectorAll('select').forEach(element => {
                    element.value = '';
                });
                refresh();
            },
        },
        'Clear',
    );
    const form = h(
        'form',
        {class: 'filters', role: 'search', 'aria-label': 'Choose flows', onsubmit: event => event.preventDefault()},
        h('div', {class: 'field wide'}, h('label', {for: 'filter-text'}, 'Text'), text),
        selects,
        h('div', {class: 'field'}, clear),
    );
    return form;
}
