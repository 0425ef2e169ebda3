// One flow: what went wrong, its steps, the ladder, charts, hops and filters.
import {h, copyButton} from './dom.js';
import {count, dateTime, duration, plural, size, uncertain, nodeTitle, SIGNS, STATUSES} from './format.js';
import {codesOf} from './model.js';
import {flowFilters, frameFilter} from './wireshark.js';
import {verdictTag, severityTag, reasons, remedy} from './overview.js';
import {ladder, alignTrail, frameKey} from './ladder.js';
import {inspector} from './inspector.js';
import {sequenceChart, delayChart} from './charts.js';

/** The view of one flow; `step` is the one that the link names. */
export async function flowView(model, list, id, step) {
    const row = model.byId.get(id);
    if (!row) {
        return h(
            'div',
            null,
            h('h1', {class: 'view-title'}, 'Flow ' + id),
            h('p', null, 'The report does not hold this flow. ', h('a', {href: list.hash()}, 'All flows')),
        );
    }
    const [detail, trail] = await Promise.all([model.detail(id), model.trail(id)]);
    const view = h('div', {class: 'flow-view'}, title(model, list, row), facts(model, row, detail));
    if (!detail) {
        view.append(
            h(
                'p',
                {class: 'notice'},
                'The steps of this flow were left out to keep the file small. report.json has them: ',
                h('code', null, `jq '.flows[] | select(.id == ${id})' report.json`),
            ),
        );
        return view;
    }
    const packets = trail && trail.packets.length ? alignTrail(model, detail, trail) : null;
    let drawing = null;
    let cameFrom = null;
    const hint = packets ? 'Choose a packet to see it in full, at every place that saw it.' : null;
    const shown = inspector(model, detail, hint, () => (cameFrom ?? drawing)?.focus());
    if (packets) {
        drawing = ladder(model, detail, packets, (packet, frame) => shown.packet(packet, frame), {
            clicked: () => {
                cameFrom = null;
                shown.reveal();
            },
            entered: () => {
                cameFrom = null;
                shown.focus();
            },
        });
    }
    const toFrame = (frame, event) => {
        const packet = drawing?.packetOfFrame.get(frameKey(frame.point, frame.file, frame.number));
        if (packet) {
            drawing.show(packet, frame);
        } else {
            shown.frame(frame);
        }
        cameFrom = event.currentTarget;
        // A key, not a mouse, pressed the button: the keyboard goes on in what it opened.
        if (event.detail === 0) {
            shown.focus();
        }
        shown.element.scrollIntoView({block: 'start'});
    };
    const chips = frames =>
        frames
            .slice(0, 6)
            .map(frame => frameChip(model, frame, event => toFrame(frame, event)))
            .concat(frames.length > 6 ? [h('span', {class: 'quiet'}, ` and ${count(frames.length - 6)} more`)] : []);
    view.append(
        h(
            'div',
            {class: detail.deviations.length ? 'two' : 'one'},
            h(
                'section',
                {'aria-labelledby': 'steps-title'},
                h('h2', {id: 'steps-title'}, 'Steps'),
                steps(model, row, detail, chips),
            ),
            detail.deviations.length
                ? h(
                      'section',
                      {'aria-labelledby': 'deviations-title'},
                      h('h2', {id: 'deviations-title'}, 'What went wrong'),
                      deviations(model, detail, chips),
                  )
                : null,
        ),
    );
    view.append(
        h(
            'section',
            {'aria-labelledby': 'ladder-title'},
            h('h2', {id: 'ladder-title'}, 'Packets on their way'),
            drawing
                ? drawing.element
                : h(
                      'p',
                      {class: 'notice'},
                      row.trail
                          ? 'The packets of this flow were left out to keep the file small; the filters below find them.'
                          : 'Packets are kept one by one for flows with deviations and a sample of the rest; the filters below find these.',
                  ),
            shown.element,
        ),
    );
    if (packets) {
        const charts = [sequenceChart(packets), delayChart(model, detail, packets)].filter(Boolean);
        if (charts.length) {
            view.append(
                h(
                    'section',
                    {'aria-labelledby': 'charts-title'},
                    h('h2', {id: 'charts-title'}, 'Over time'),
                    h('div', {class: 'charts'}, charts),
                ),
            );
        }
    }
    view.append(hops(model, detail), displayFilters(model, row, detail));
    if (step) {
        queueMicrotask(() => {
            const target = view.querySelector(`[data-step="${CSS.escape(step)}"]`);
            target?.classList.add('target');
            target?.scrollIntoView({block: 'center'});
            const evidence = detail.steps.find(candidate => candidate.number === step)?.evidence[0];
            const packet = evidence && drawing?.packetOfFrame.get(frameKey(evidence.point, evidence.file, evidence.number));
            if (packet) {
                drawing.show(packet, evidence);
            }
        });
    }
    return view;
}

function title(model, list, row) {
    const before = list.neighbour(row.id, -1);
    const after = list.neighbour(row.id, 1);
    const step = (flow, label, sign) =>
        flow ? h('a', {href: '#flow/' + flow.id, class: 'plain', rel: label}, sign) : h('span', {class: 'plain disabled'}, sign);
    return h(
        'div',
        {class: 'flow-head'},
        h(
            'nav',
            {class: 'flow-nav', 'aria-label': 'Flows'},
            h('a', {href: list.hash(), class: 'plain'}, 'All flows'),
            step(before, 'prev', '← previous'),
            step(after, 'next', 'next →'),
        ),
        h(
            'h1',
            {class: 'view-title'},
            verdictTag(row.verdict),
            ` Flow ${row.id} `,
            row.failedStep ? h('span', {class: 'quiet'}, `failed at step ${row.failedStep}`) : null,
        ),
        h(
            'p',
            {class: 'tuples'},
            h('span', {class: 'proto'}, row.protocol),
            h('code', null, row.client ?? '?'),
            h('span', {class: 'to'}, '→'),
            h('code', null, row.service ?? '?'),
            row.source
                ? [
                      h('span', {class: 'nat-word'}, 'NAT'),
                      h('code', null, row.source),
                      h('span', {class: 'to'}, '→'),
                      h('code', null, row.destination),
                  ]
                : h('span', {class: 'quiet'}, ' never seen translated'),
        ),
    );
}

function facts(model, row, detail) {
    const entries = [
        ['Path', row.path],
        ['Service', row.serviceName],
        ['ClusterIP', row.clusterIp],
        ['Entry node', row.entryNode],
        [
            'Endpoint',
            [row.pod ?? row.endpoint, row.node ? 'on ' + row.node : '', row.local === true ? '(the entry node)' : '']
                .filter(Boolean)
                .join(' '),
        ],
        ['Began', dateTime(model.absolute(row.start), 6)],
        ['Lasted', duration(row.duration)],
        ['Payload', `${size(row.requestBytes)} sent, ${size(row.replyBytes)} received`],
        detail?.told ? ['Told by conntrack', detail.told] : null,
        detail
            ? [
                  'Matched',
                  Math.round(detail.confidence * 1000) / 10 +
                      ' %' +
                      (detail.matchedBy.length ? ' by ' + detail.matchedBy.join(', ') : ''),
              ]
            : null,
    ];
    return [
        h(
            'dl',
            {class: 'facts'},
            entries
                .filter(entry => entry && entry[1])
                .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))),
        ),
        detail?.undetermined ? h('p', {class: 'notice'}, 'Not to be told from these captures: ' + detail.undetermined) : null,
    ];
}

function steps(model, row, detail, chips) {
    const ended = detail.steps.findIndex(step => step.number === row.failedStep);
    const allLost = detail.hops.some(hop => hop.direction === 0 && hop.lostAll);
    // What a node got and did not send on came no further.
    const kept = detail.steps.findIndex(step => STATUSES[step.status] === 'missing' && step.number.startsWith('1.2'));
    const isBehind = (index, end) => end >= 0 && index > end;
    return h(
        'ol',
        {class: 'steps'},
        detail.steps.map((step, index) => {
            const status = STATUSES[step.status];
            const failed = step.number === row.failedStep;
            const notReached =
                !failed && status === 'not-captured' && ((allLost && isBehind(index, ended)) || isBehind(index, kept));
            const failing = status === 'not-applicable' ? 'failed here' : status + ', failed here';
            return h(
                'li',
                {class: `step st-${status}` + (failed ? ' st-failed' : ''), 'data-step': step.number},
                h(
                    'a',
                    {
                        class: 'step-number',
                        href: `#flow/${row.id}/step/${step.number}`,
                        'aria-label': 'Link to step ' + step.number,
                    },
                    step.number,
                ),
                h(
                    'div',
                    {class: 'step-body'},
                    h(
                        'div',
                        {class: 'step-line'},
                        h('span', {class: 'step-title'}, step.title),
                        h(
                            'span',
                            {class: 'step-status'},
                            h('span', {class: 'sign', 'aria-hidden': 'true'}, SIGNS[notReached ? 'not-applicable' : status]),
                            failed ? failing : notReached ? 'not reached' : status,
                        ),
                    ),
                    step.tuple ? h('code', {class: 'step-tuple'}, step.tuple.replace(' -> ', ' → ')) : null,
                    step.reason && !notReached ? h('p', {class: 'step-reason'}, step.reason) : null,
                    h(
                        'div',
                        {class: 'step-facts'},
                        step.packets ? h('span', null, plural(step.packets, 'packet')) : null,
                        step.latency !== null
                            ? h('span', {title: 'from the place before, median'}, uncertain(step.latency, step.uncertainty))
                            : null,
                        chips(step.evidence),
                    ),
                ),
            );
        }),
    );
}

function deviations(model, detail, chips) {
    const order = detail.deviations
        .map((item, index) => ({...item, index}))
        .sort((a, b) => b.severity - a.severity || a.index - b.index);
    return h(
        'ul',
        {class: 'deviations'},
        order.map(item => {
            const type = model.codes[item.code];
            return h(
                'li',
                {class: 'deviation', id: 'deviation-' + item.index},
                h(
                    'div',
                    {class: 'cause-head'},
                    severityTag(item.severity),
                    item.step ? h('span', {class: 'step-number'}, item.step) : null,
                    h('code', null, item.code),
                ),
                h('p', {class: 'cause-message'}, item.message),
                remedy(item.remedy),
                item.evidence.length ? h('div', {class: 'step-facts'}, h('span', null, 'Proof'), chips(item.evidence)) : null,
                item.consequences.length ? h('p', {class: 'quiet'}, 'With it: ' + item.consequences.join(', ')) : null,
                reasons(type),
            );
        }),
    );
}

function frameChip(model, frame, action) {
    const label = [h('span', {class: 'frame-point'}, model.points[frame.point].name), ` #${frame.number}`];
    const words = `${frame.file} frame ${frame.number} at ${dateTime(model.stamped(frame.point, frame.time))}`;
    return h('button', {type: 'button', class: 'frame-chip', title: words, onclick: action}, label);
}

function hops(model, detail) {
    if (detail.hops.length === 0) {
        return h('div', null);
    }
    // Inside a node both ends of a hop are one point, on either side of the translation.
    const name = (hop, point, side) => model.points[point].name + (hop.from === hop.to ? ` ${side} NAT` : '');
    const cell = (value, bad) => h('td', {class: 'number' + (bad && value ? ' bad' : '')}, value ? count(value) : '·');
    return h(
        'section',
        {'aria-labelledby': 'hops-title'},
        h('h2', {id: 'hops-title'}, 'Hop by hop'),
        h(
            'div',
            {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': 'Hops'},
            h(
                'table',
                {class: 'data'},
                h(
                    'thead',
                    null,
                    h(
                        'tr',
                        null,
                        [
                            'From',
                            'To',
                            'Direction',
                            'Sent',
                            'Found again',
                            'Lost',
                            'Hidden',
                            'Twice',
                            'Late',
                            'Altered',
                            'Least delay',
                            'Median delay',
                            'Greatest delay',
                        ].map(title => h('th', {scope: 'col'}, title)),
                    ),
                ),
                h(
                    'tbody',
                    null,
                    detail.hops.map(hop => {
                        const clock = model.clockDifference(hop.from, hop.to);
                        const delay = value =>
                            h(
                                'td',
                                {class: 'number'},
                                hop.delivered === 0
                                    ? ''
                                    : clock === null
                                      ? 'clock unknown'
                                      : uncertain(value - clock.offset, clock.uncertainty),
                            );
                        return h(
                            'tr',
                            null,
                            h('td', null, name(hop, hop.from, 'before')),
                            h('td', null, name(hop, hop.to, 'after')),
                            h('td', null, hop.direction === 0 ? 'request →' : 'reply ←'),
                            cell(hop.sent),
                            cell(hop.delivered),
                            cell(hop.lost, true),
                            cell(hop.hidden),
                            cell(hop.duplicated, true),
                            cell(hop.reordered, true),
                            cell(hop.altered, true),
                            delay(hop.least),
                            delay(hop.median),
                            delay(hop.most),
                        );
                    }),
                ),
            ),
        ),
    );
}

function displayFilters(model, row, detail) {
    const evidence = new Map();
    for (const frame of [...detail.steps, ...detail.deviations].flatMap(item => item.evidence)) {
        const key = frame.point + '/' + frame.file;
        evidence.set(key, {point: frame.point, file: frame.file, numbers: [...(evidence.get(key)?.numbers ?? []), frame.number]});
    }
    const line = (place, what, filter) =>
        h(
            'tr',
            null,
            h('td', null, place),
            h('td', null, what),
            h('td', null, h('code', {class: 'filter'}, filter)),
            h('td', null, copyButton(filter, 'Copy')),
        );
    return h(
        'section',
        {'aria-labelledby': 'filters-title'},
        h('h2', {id: 'filters-title'}, 'Display filters for Wireshark'),
        h(
            'div',
            {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': 'Display filters'},
            h(
                'table',
                {class: 'data'},
                h(
                    'thead',
                    null,
                    h(
                        'tr',
                        null,
                        ['Capture', 'Shows', 'Filter'].map(name => h('th', {scope: 'col'}, name)),
                        h('th', {scope: 'col', class: 'unprinted'}, 'Copy'),
                    ),
                ),
                h(
                    'tbody',
                    null,
                    flowFilters(row.protocol, detail).map(item =>
                        line(model.points[item.point].name, 'the whole flow', item.filter),
                    ),
                    [...evidence.values()].map(item =>
                        line(item.file, 'the frames that prove the steps', frameFilter(item.numbers)),
                    ),
                ),
            ),
        ),
    );
}

/** The codes of a flow as words, for the page's title. */
export function flowTitle(row) {
    return (
        `Flow ${row.id}` + (row.codes ? ': ' + codesOf(row)[0].code : '') + (row.entryNode ? ' on ' + nodeTitle(row.entryNode) : '')
    );
}
