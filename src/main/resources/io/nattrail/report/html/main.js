// Views and the links between them. The part of the address after # names the view: #overview, #flows?verdict=failed, #flow/12/step/1.5.
import {h, put} from './dom.js';
import {themeButton} from './theme.js';
import {canInflate} from './decode.js';
import {Case} from './model.js';
import {overview} from './overview.js';
import {FlowList, flowTable, flowRow, printedHead} from './table.js';
import {flowView, flowTitle} from './flow.js';
import {captures} from './captures.js';
import {cluster} from './cluster.js';

const VIEWS = [
    ['overview', 'Overview'],
    ['flows', 'Flows'],
    ['captures', 'Captures'],
    ['cluster', 'Cluster'],
];
const PRINTED_ROWS = 300;
const main = document.getElementById('main');

function header(model) {
    const links = VIEWS.map(([name, title]) => h('a', {href: '#' + name, 'data-view': name}, title));
    put(
        document.getElementById('top'),
        h(
            'div',
            {class: 'brand'},
            h('span', {class: 'brand-mark', 'aria-hidden': 'true'}),
            h('span', {class: 'brand-name'}, 'NatTrail'),
            h('span', {class: 'case-name'}, model.name),
        ),
        h('nav', {class: 'views', 'aria-label': 'Views'}, links),
        h('div', {class: 'top-end'}, h('span', {class: 'quiet version'}, model.tool ? 'version ' + model.tool : ''), themeButton()),
    );
    return links;
}

/** A part of the address as it was meant; one that a mailer or a hand has spoiled names nothing, but breaks nothing either. */
function decoded(part) {
    try {
        return decodeURIComponent(part);
    } catch (spoiled) {
        return part;
    }
}

async function start() {
    if (!canInflate()) {
        put(
            main,
            h(
                'p',
                {class: 'notice'},
                'This browser is too old to unpack the report: it lacks DecompressionStream. Open it with Chrome or Edge 92, ' +
                    'Firefox 113, Safari 16.4 or later, or read report.md.',
            ),
        );
        return;
    }
    const model = await Case.load();
    const links = header(model);
    const list = new FlowList(model);
    let turn = 0;

    const open = filter => {
        list.filter = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
        if (location.hash.startsWith('#flows')) {
            show();
        } else {
            location.hash = list.hash();
        }
    };

    async function show() {
        const mine = ++turn;
        const [place, query] = location.hash.slice(1).split('?');
        const parts = place.split('/').map(decoded);
        const view = parts[0] === 'flow' ? 'flows' : VIEWS.some(([name]) => name === parts[0]) ? parts[0] : 'overview';
        links.forEach(link =>
            link.dataset.view === view ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current'),
        );
        let content;
        document.title = model.name + ' - NatTrail';
        if (parts[0] === 'flow') {
            const id = /^\d+$/.test(parts[1]) ? Number(parts[1]) : (parts[1] ?? '');
            list.place = id;
            content = await flowView(model, list, id, parts[2] === 'step' ? parts[3] : null);
            document.title = (model.byId.has(id) ? flowTitle(model.byId.get(id)) : 'Flow ' + id) + ' - ' + model.name;
        } else if (view === 'flows') {
            if (query !== undefined) {
                list.filter = Object.fromEntries(new URLSearchParams(query));
            }
            content = flowTable(model, list);
        } else {
            content = {overview: () => overview(model, open), captures: () => captures(model), cluster: () => cluster(model)}[
                view
            ]();
        }
        if (mine === turn) {
            put(main, content);
            window.scrollTo(0, 0);
            document.documentElement.dataset.view = parts[0] === 'flow' ? 'flow' : view;
        }
    }

    let focus = false;
    window.addEventListener('hashchange', async () => {
        await show();
        if (focus && !main.contains(document.activeElement)) {
            main.focus({preventScroll: true});
        }
    });
    document.addEventListener('click', event => {
        focus = event.detail === 0 && event.target.closest?.('a[href^="#"]') !== null;
    });
    // The address names the view: followed as a link, this one would lead away from what is shown.
    document.querySelector('.skip').addEventListener('click', event => {
        event.preventDefault();
        main.focus();
    });
    printing(model, list);
    await show();
    document.documentElement.dataset.ready = 'true';
}

/** On paper the table is not a window: the chosen flows follow each other, and the other views follow the one that is shown. */
function printing(model, list) {
    let added = [];
    window.addEventListener('beforeprint', () => {
        const grid = main.querySelector('.grid');
        if (grid) {
            const rows = h(
                'div',
                {class: 'printed-rows'},
                printedHead(),
                list.chosen.slice(0, PRINTED_ROWS).map(row => flowRow(model, row)),
                list.chosen.length > PRINTED_ROWS ? h('p', null, `and ${list.chosen.length - PRINTED_ROWS} more`) : null,
            );
            grid.after(rows);
            added.push(rows);
        } else if (document.documentElement.dataset.view === 'overview') {
            const rest = h('div', {class: 'printed-views'}, captures(model), cluster(model));
            main.append(rest);
            added.push(rest);
        }
    });
    window.addEventListener('afterprint', () => {
        added.forEach(element => element.remove());
        added = [];
    });
}

start().catch(error => {
    put(main, h('p', {class: 'notice', role: 'alert'}, 'The report could not be shown: ' + error.message));
    throw error;
});
