// The cases that the server keeps: how far each is, what was found, its reports.
import {h, put} from './dom.js';
import {SIGNS, VERDICTS, count, plural} from './format.js';
import {deleteCase, reportPath} from './api.js';
import {size} from './files.js';

const FILTER_FROM = 8;
const PHASES = {
    unpacking: 'unpacking the archive',
    reading: 'reading',
    matching: 'matching packets through the NAT',
    writing: 'judging, and writing the reports',
};
const PURPOSES = {
    'report.json': 'the complete result, for programs',
    'flows.csv': 'a row for each connection',
    'steps.csv': 'a row for each step of each connection',
    'deviations.csv': 'a row for each deviation',
    'report.html': 'for people, in one file',
    'report.md': 'for tickets',
    'junit.xml': 'for CI systems',
    'annotated.pcapng': 'all points in one capture, each packet with a comment, for Wireshark',
};
const TIME = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});

/** The verdict of a whole case: that of its worst flows. */
export function verdictOf(one) {
    const found = one.summary;
    return (
        ['failed', 'degraded', 'undetermined'].find(verdict => found[verdict] > 0) ??
        (found.flows > 0 ? 'ok' : 'undetermined')
    );
}

/** All 5 flows; 2 of 5 flows; The flow. */
function share(some, flows) {
    if (some < flows) {
        return count(some) + ' of ' + count(flows) + ' flows';
    }
    return flows === 1 ? 'The flow' : 'All ' + count(flows) + ' flows';
}

function headline(one) {
    const {flows, failed, degraded, undetermined} = one.summary;
    if (flows === 0) {
        return 'No connection was found';
    }
    if (failed > 0) {
        const steps = [...one.summary.failedSteps];
        const last = steps.pop();
        const where = steps.length ? ` at steps ${steps.join(', ')} and ${last}` : last ? ` at step ${last}` : '';
        return share(failed, flows) + (failed === 1 ? ' fails' : ' fail') + where;
    }
    if (degraded > 0) {
        return share(degraded, flows) + (degraded === 1 ? ' is' : ' are') + ' degraded';
    }
    if (undetermined > 0) {
        return share(undetermined, flows) + ': the captures do not tell';
    }
    return share(flows, flows) + (flows === 1 ? ' is' : ' are') + ' ok';
}

/** For whoever has no captures yet. */
function guide() {
    const rows = [
        ['client.pcap', 'on the client', 'its traffic with the node'],
        [
            'node1-eth0.pcap',
            'on the node whose address the client uses',
            'both sides of the translation: client to node port, node to pod',
        ],
        ['node2-cbr0.pcap', 'on the bridge of the node where the pod runs', 'what goes to and from the pods'],
    ];
    return h(
        'section',
        {'aria-labelledby': 'guide'},
        h('h2', {id: 'guide'}, 'What to capture'),
        h(
            'p',
            {},
            'At the same time at three points, while the fault happens. Any two already say something; more nodes and interfaces say more.',
        ),
        h(
            'div',
            {class: 'scroll-x', tabindex: '0', role: 'region', 'aria-labelledby': 'guide'},
            h(
                'table',
                {class: 'data guide'},
                h(
                    'thead',
                    {},
                    h(
                        'tr',
                        {},
                        ['File', 'Where', 'What it must hold'].map(title => h('th', {scope: 'col'}, title)),
                    ),
                ),
                h(
                    'tbody',
                    {},
                    rows.map(([file, ...cells]) =>
                        h(
                            'tr',
                            {},
                            h('td', {}, h('code', {}, file)),
                            cells.map(cell => h('td', {}, cell)),
                        ),
                    ),
                ),
            ),
        ),
        h('p', {class: 'command'}, h('code', {}, 'sudo tcpdump -i eth0 -n -s 0 -B 16384 -Z root -w client.pcap')),
        h(
            'p',
            {class: 'quiet'},
            'What the cluster knows turns conclusions into checks: kubectl get nodes,services,endpointslices,pods -A -o json; ',
            'iptables-save, nft list ruleset, conntrack -L of the nodes.',
        ),
    );
}

export class CaseList {
    constructor(root, say) {
        this.root = root;
        this.say = say;
        this.cases = [];
        this.cards = new Map();
        this.filter = '';
        this.awaited = null;
        this.list = h('ul', {class: 'cases plain-list'});
        this.head = h('div', {class: 'section-head cases-head'});
        this.empty = h('p', {class: 'quiet'});
        this.guide = guide();
        this.dialog = h('dialog', {class: 'ask', 'aria-labelledby': 'ask-title'});
        put(
            root,
            h('section', {'aria-labelledby': 'cases', class: 'cases-section'}, this.head, this.empty, this.list),
            this.guide,
            this.dialog,
        );
        this.title = h('h2', {id: 'cases', tabindex: '-1'}, 'Cases');
        this.search = h('input', {
            type: 'search',
            class: 'field',
            placeholder: 'Filter by name',
            'aria-label': 'Filter cases by name',
        });
        this.search.addEventListener('input', () => {
            this.filter = this.search.value.trim().toLowerCase();
            this.show(this.cases);
        });
        this.usage = h('span', {class: 'quiet'});
        put(this.head, this.title, this.usage, h('span', {class: 'spacer'}), this.search);
        this.show([]);
    }

    /** Whether something is going on that should be watched closely. */
    active() {
        return this.cases.some(one => one.state === 'queued' || one.state === 'running');
    }

    /** From now on the end of this case is told to screen readers, and its card gets the focus. */
    await(one) {
        this.awaited = one.id;
        this.show([one, ...this.cases.filter(other => other.id !== one.id)]);
        this.cards.get(one.id)?.element.querySelector('h3')?.focus();
        this.say(one.name + ' is being analyzed');
    }

    show(cases) {
        this.cases = cases;
        this.search.hidden = cases.length < FILTER_FROM && !this.filter;
        const bytes = cases.reduce((sum, one) => sum + one.inputBytes + one.reportBytes, 0);
        this.usage.textContent = cases.length ? plural(cases.length, 'case') + ', ' + size(bytes) : '';
        const shown = cases.filter(one => one.name.toLowerCase().includes(this.filter));
        this.guide.hidden = cases.length > 0;
        this.empty.hidden = shown.length > 0;
        this.empty.textContent = cases.length
            ? 'No case has this name.'
            : 'None yet. Analyzed cases stay here until you delete them.';
        for (const one of shown) {
            this.update(one);
        }
        const wanted = shown.map(one => this.cards.get(one.id).element);
        for (const [id, card] of this.cards) {
            if (!wanted.includes(card.element)) {
                card.element.remove();
                this.cards.delete(id);
            }
        }
        wanted.forEach((element, index) => {
            if (this.list.children[index] !== element) {
                this.list.insertBefore(element, this.list.children[index] ?? null);
            }
        });
    }

    update(one) {
        const {progress, ...rest} = one;
        const key = JSON.stringify(rest);
        let card = this.cards.get(one.id);
        if (!card) {
            card = {element: h('li', {class: 'case', 'data-id': one.id}), key: ''};
            this.cards.set(one.id, card);
        }
        if (card.key !== key) {
            // What is drawn anew loses the focus: it is given back to what has taken the place.
            const focused = card.element.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
            card.key = key;
            card.element.className = 'case ' + (one.state === 'done' ? 'v-' + verdictOf(one) : 's-' + one.state);
            put(card.element, this.card(one));
            if (focused) {
                (
                    card.element.querySelector('[data-focus=' + focused + ']') ?? card.element.querySelector('h3')
                ).focus();
            }
            if (this.awaited === one.id && (one.state === 'done' || one.state === 'failed')) {
                this.awaited = null;
                this.say(one.name + ': ' + (one.state === 'done' ? headline(one) : one.problem.what));
            }
        }
        if (progress) {
            this.move(card.element, progress);
        }
    }

    move(element, progress) {
        const bar = element.querySelector('progress');
        const text = element.querySelector('.phase');
        if (progress.phase === 'reading' && progress.total > 0) {
            bar.value = progress.done / progress.total;
            const percent = Math.floor((100 * progress.done) / progress.total);
            text.textContent = 'reading, ' + percent + '\u00a0% of ' + size(progress.total);
        } else {
            // How long these take cannot be told before.
            bar.removeAttribute('value');
            text.textContent = PHASES[progress.phase];
        }
    }

    card(one) {
        const made = new Date(one.created);
        return [
            h(
                'div',
                {class: 'case-head'},
                h(
                    'div',
                    {class: 'case-title'},
                    h('h3', {tabindex: '-1', 'data-focus': 'title'}, one.name),
                    h(
                        'span',
                        {class: 'quiet'},
                        h('time', {datetime: one.created}, TIME.format(made)),
                        ' · ',
                        plural(one.files.length, 'file') + ', ' + size(one.inputBytes),
                    ),
                ),
                h(
                    'button',
                    {
                        type: 'button',
                        class: 'plain',
                        'data-focus': 'delete',
                        'aria-label': 'Delete ' + one.name,
                        onclick: () => this.ask(one),
                    },
                    one.state === 'running' || one.state === 'queued' ? 'Stop and delete' : 'Delete',
                ),
            ),
            this.body(one),
        ];
    }

    body(one) {
        switch (one.state) {
            case 'queued':
                return h('p', {class: 'quiet'}, 'Waits for its turn.');
            case 'running':
                return h(
                    'div',
                    {class: 'buttons'},
                    h('progress', {max: '1', 'aria-label': 'Analysis of ' + one.name}),
                    h('span', {class: 'phase quiet'}, 'reading'),
                );
            case 'failed':
                return [
                    h(
                        'p',
                        {class: 'case-verdict'},
                        h('span', {class: 'sign bad', 'aria-hidden': 'true'}, SIGNS.failed),
                        ' ',
                        one.problem.what,
                    ),
                    one.problem.remedy && h('p', {class: 'cause-remedy'}, h('strong', {}, 'Do: '), one.problem.remedy),
                    this.inputs(one),
                ];
            default:
                return this.found(one);
        }
    }

    found(one) {
        const verdict = verdictOf(one);
        return [
            h(
                'div',
                {class: 'case-line'},
                h(
                    'p',
                    {class: 'case-verdict'},
                    h('span', {class: 'sign', 'aria-hidden': 'true'}, SIGNS[verdict]),
                    ' ',
                    headline(one),
                ),
                this.tally(one),
            ),
            one.summary.flows > 0 && this.share(one),
            one.cause &&
                h(
                    'p',
                    {class: 'case-cause'},
                    one.cause.step && h('span', {class: 'step-number'}, one.cause.step),
                    h('code', {}, one.cause.code),
                    h('span', {}, one.cause.message),
                ),
            !one.cause &&
                one.summary.failed > 0 &&
                h('p', {class: 'quiet'}, 'No finding says why for most or all of them; the report shows where they end.'),
            h(
                'div',
                {class: 'buttons'},
                h(
                    'a',
                    {
                        class: 'primary',
                        href: reportPath(one.id, 'report.html'),
                        target: '_blank',
                        rel: 'noopener',
                        'data-focus': 'open',
                        'aria-label': 'Open the report of ' + one.name,
                    },
                    'Open the report',
                ),
                h(
                    'details',
                    {class: 'outputs'},
                    h('summary', {'data-focus': 'outputs'}, 'All ' + one.reports.length + ' outputs'),
                    h(
                        'ul',
                        {class: 'plain-list files'},
                        one.reports.map(report =>
                            h(
                                'li',
                                {},
                                h(
                                    'a',
                                    {href: reportPath(one.id, report.file), target: '_blank', rel: 'noopener'},
                                    report.file,
                                ),
                                h('span', {}, PURPOSES[report.file] ?? ''),
                                h('span', {class: 'quiet file-size'}, size(report.bytes)),
                            ),
                        ),
                    ),
                ),
                this.inputs(one),
            ),
        ];
    }

    tally(one) {
        return h(
            'ul',
            {class: 'tags', 'aria-label': 'Flows by verdict'},
            VERDICTS.filter(verdict => one.summary[verdict] > 0).map(verdict =>
                h(
                    'li',
                    {class: 'tag v-' + verdict},
                    h('span', {class: 'sign', 'aria-hidden': 'true'}, SIGNS[verdict]),
                    count(one.summary[verdict]) + ' ' + verdict,
                ),
            ),
        );
    }

    /** A bar in the verdicts' colours; the numbers stand beside it. */
    share(one) {
        return h(
            'div',
            {class: 'share', 'aria-hidden': 'true'},
            VERDICTS.filter(verdict => one.summary[verdict] > 0).map(verdict =>
                h('span', {class: 'share-' + verdict, css: {'flex-grow': String(one.summary[verdict])}}),
            ),
        );
    }

    inputs(one) {
        return h(
            'details',
            {class: 'outputs'},
            h(
                'summary',
                {'data-focus': 'inputs'},
                one.notes.length ? 'Files, ' + plural(one.notes.length, 'remark') : 'Files',
            ),
            h(
                'ul',
                {class: 'plain-list files'},
                one.files.map(file =>
                    h(
                        'li',
                        {},
                        h('span', {}, file.file),
                        h(
                            'span',
                            {},
                            [file.point, file.label && file.label !== file.file ? 'uploaded as ' + file.label : '']
                                .filter(Boolean)
                                .join(', '),
                        ),
                        h('span', {class: 'quiet file-size'}, size(file.bytes)),
                    ),
                ),
            ),
            one.notes.length > 0 &&
                h(
                    'ul',
                    {class: 'notes'},
                    one.notes.map(note => h('li', {}, note)),
                ),
        );
    }

    ask(one) {
        const close = () => this.dialog.close();
        put(
            this.dialog,
            h('h2', {id: 'ask-title'}, 'Delete “' + one.name + '”?'),
            h('p', {}, 'Its captures and reports are removed from this server. This cannot be undone.'),
            h('div', {id: 'ask-problem', role: 'alert'}),
            h(
                'div',
                {class: 'buttons'},
                h('button', {type: 'button', class: 'danger', id: 'really', onclick: () => this.remove(one)}, 'Delete'),
                // The harmless answer is the one that a hasty Enter gives.
                h('button', {type: 'button', class: 'plain', autofocus: true, onclick: close}, 'Keep'),
            ),
        );
        this.dialog.showModal();
    }

    async remove(one) {
        try {
            await deleteCase(one.id);
        } catch (problem) {
            if (problem.status !== 404) {
                put(
                    document.getElementById('ask-problem'),
                    h('p', {class: 'notice notice-bad'}, problem.message, ': ', problem.remedy),
                );
                return;
            }
        }
        this.dialog.close();
        this.show(this.cases.filter(other => other.id !== one.id));
        this.title.focus();
        this.say(one.name + ' was deleted');
    }
}
