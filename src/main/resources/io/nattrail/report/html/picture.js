// The path as a picture: client, entry node with its NAT, the nodes behind it with their pods, and the numbered steps on the way.
import {h, svg} from './dom.js';
import {briefly, count, plural, uncertain, nodeTitle, SIGNS, STATUSES, VERDICTS} from './format.js';

/** Which steps lie on the way from the entry node and back; those that begin with 1.2 lie inside it. */
const WAYS = {
    egress: {client: 'Pod', there: ['1.3'], back: ['1.4'], far: 'Outside the cluster'},
    clusterip: {client: 'Pod', there: ['1.3', '1.4', '1.5'], back: ['1.6']},
    'pod-to-pod': {client: 'Pod', there: ['1.2', '1.3', '1.4', '1.5'], back: ['1.6']},
    other: {client: 'Client', there: ['1.3', '1.4', '1.5'], back: ['1.6']},
};
const SHORT = {'1.2.1': 'destination NAT', '1.2.2': 'source NAT'};
const WIDTH = 1240;
const NODE = {x: 320, width: 300};
const FAR = {x: 900, width: 330};
const GHOST_HEIGHT = 124;
const POD_ROWS = 5;
/** About how wide a letter of a hop's label is. */
const LETTER = 5.5;

/** What became of a step, in one word that is also a colour. */
export function stateOf(step) {
    if (!step) {
        return 'none';
    }
    const [observed, inferred, missing, , notCaptured] = step.statuses;
    if (step.failed > 0) {
        return 'failed';
    }
    if (step.codes.some(([code]) => code[0] !== '0')) {
        return 'degraded';
    }
    if (observed + inferred > 0) {
        return 'ok';
    }
    return missing > 0 ? 'unreached' : notCaptured > 0 ? 'undetermined' : 'none';
}

function sum(groups, number) {
    let total = null;
    for (const step of groups.flatMap(group => group.steps.filter(candidate => candidate.number === number))) {
        total ??= {number, title: step.title, statuses: [0, 0, 0, 0, 0], failed: 0, packets: 0, codes: [], points: []};
        step.statuses.forEach((value, i) => {
            total.statuses[i] += value;
        });
        total.failed += step.failed;
        total.packets += step.packets;
        total.codes = [...total.codes, ...step.codes];
    }
    return total;
}

const flowsOf = part => part.verdicts.reduce((a, b) => a + b, 0);
const badOf = part => part.verdicts[2] + part.verdicts[3] + part.verdicts[1];

/** The picture of one path. `open` gets a filter of the table when a step or pod is chosen. */
export function picture(model, path, open) {
    const way = WAYS[path.name] ?? WAYS.other;
    const all = path.groups;
    const local = all.filter(group => group.local === true);
    const far = all
        .filter(group => group.local !== true && (group.node !== null || group.endpoints.length > 0))
        .sort((a, b) => badOf(b) - badOf(a))
        .slice(0, 5);
    const hidden =
        all.filter(group => group.local !== true && (group.node !== null || group.endpoints.length > 0)).length - far.length;
    // Of flows that no endpoint got, the way on is drawn only if that is where they end.
    const stranded = all.filter(group => group.local !== true && group.node === null && group.endpoints.length === 0);
    const lostWay = way.there.map(number => sum(stranded, number));
    const endsOnTheWay = lostWay.some(step => step?.failed > 0);
    const numbers = [...new Set(all.flatMap(group => group.steps.map(step => step.number)))].sort();
    const inside = numbers.filter(number => number.startsWith('1.2') && !way.there.includes(number));
    const entry = path.entryNodes.map(([name]) => name);
    const parts = [];
    const localPods = podsOf(local);
    const insideHeight = 58 + Math.max(1, inside.length) * 34;
    // On the way to a pod of the same node nothing but the steps where flows end is worth a place.
    const localEnds = [...way.there, ...way.back].map(number => sum(local, number)).filter(step => step?.failed > 0);
    const localHeight = localPods.length || localEnds.length ? 34 + localPods.length * 24 : 0;
    const heights = far.map(group => Math.max(150, 92 + podsOf([group]).length * 24));
    const ghost = endsOnTheWay || (far.length === 0 && localPods.length === 0);
    const farHeight = [...heights, ...(ghost ? [GHOST_HEIGHT] : [])].reduce((a, b) => a + b + 14, -14);
    const height = Math.max(insideHeight + localHeight + 62, farHeight, 220);
    const top = 12;

    // Client and trunk
    const middle = top + Math.max(95, Math.min(height / 2, 120));
    parts.push(
        box(
            10,
            middle - 62,
            150,
            124,
            way.client,
            path.clients.length === 1
                ? path.clients[0][0]
                : plural(path.clients.length, 'address').replace('addresss', 'addresses'),
        ),
    );
    parts.push(text(24, middle - 2, plural(flowsOf(path), 'flow'), 'p-count'));
    parts.push(bar(24, middle + 10, 122, path.verdicts));
    const role = way.client === 'Pod' ? 'POD' : 'CLIENT';
    const clientPoints = model.points.filter(point => point.role === role && (role === 'CLIENT' || entry.includes(point.node)));
    parts.push(tap(24, middle + 44, clientPoints, false, 17));
    const trunk = side =>
        hopBetween(
            model,
            path,
            side,
            point => point.role === 'CLIENT',
            point => entry.includes(point.node),
        );
    parts.push(lane(160, NODE.x, middle - 26, false, [sum(all, '1.1')], open, trunk(0)));
    parts.push(lane(160, NODE.x, middle + 34, true, [sum(all, '2.0')], open, trunk(1)));

    // Entry node
    const entryName =
        entry.length === 0 ? 'Entry node' : entry.length === 1 ? nodeTitle(entry[0]) : plural(entry.length, 'entry node');
    const entryPoints = model.points.filter(
        point => point.node !== null && entry.includes(point.node) && !clientPoints.includes(point),
    );
    parts.push(
        box(
            NODE.x,
            top,
            NODE.width,
            height,
            entryName,
            path.services.length === 1
                ? path.services[0][0]
                : plural(path.services.length, 'service address').replace('addresss', 'addresses'),
        ),
    );
    if (inside.length) {
        parts.push(
            svg('rect', {
                class: 'p-nat',
                x: NODE.x + 14,
                y: top + 54,
                width: NODE.width - 28,
                height: inside.length * 34 + 12,
                rx: 5,
            }),
        );
        inside.forEach((number, i) => {
            const step = sum(all, number);
            const y = top + 77 + i * 34;
            parts.push(badge(NODE.x + 48, y, step, open));
            parts.push(
                text(
                    NODE.x + 82,
                    y + 4,
                    SHORT[number] ??
                        (numbers.includes('1.2.1') ? 'service rules' : path.name === 'egress' ? 'source NAT' : 'destination NAT'),
                    'p-label',
                ),
            );
            const ends = step.failed > 0;
            parts.push(text(NODE.x + NODE.width - 26, ends ? y - 3 : y + 4, reached(step), 'p-count p-end'));
            if (ends) {
                parts.push(endsHere(NODE.x + NODE.width - 26, y + 12, step));
            }
        });
    }
    if (localHeight) {
        const y = top + insideHeight + 30;
        parts.push(text(NODE.x + 20, y, 'pods on this node', 'p-label'));
        localEnds.forEach((step, i) => {
            parts.push(badge(NODE.x + NODE.width - 32 - i * 44, y - 7, step, open));
        });
        // Beside more of them there is no room.
        if (localEnds.length === 1) {
            parts.push(endsHere(NODE.x + NODE.width - 58, y - 3, localEnds[0]));
        }
        pods(parts, localPods, NODE.x + 14, y + 10, NODE.width - 28, open);
    }
    parts.push(tap(NODE.x + 20, top + height - 14, entryPoints));

    // Nodes behind it
    let y = top + Math.max(0, (height - farHeight) / 2);
    far.forEach((group, i) => {
        const points = model.points.filter(
            point => group.node !== null && point.node === group.node && !entry.includes(group.node),
        );
        const groupPods = podsOf([group]);
        parts.push(
            box(
                FAR.x,
                y,
                FAR.width,
                heights[i],
                group.node ? nodeTitle(group.node) : (way.far ?? 'Node not known'),
                plural(flowsOf(group), 'flow'),
            ),
        );
        pods(parts, groupPods, FAR.x + 14, y + 50, FAR.width - 28, open);
        parts.push(tap(FAR.x + 20, y + heights[i] - 14, points, group.node === null));
        const between = side =>
            hopBetween(
                model,
                path,
                side,
                point => entry.includes(point.node),
                point => point.node === group.node && !entry.includes(point.node),
            );
        const at = y + heights[i] / 2;
        parts.push(
            lane(
                NODE.x + NODE.width,
                FAR.x,
                at - 30,
                false,
                way.there.map(number => sum([group], number)),
                open,
                between(0),
            ),
        );
        parts.push(
            lane(
                NODE.x + NODE.width,
                FAR.x,
                at + 36,
                true,
                way.back.map(number => sum([group], number)),
                open,
                between(1),
            ),
        );
        y += heights[i] + 14;
    });
    if (ghost) {
        const at = y + GHOST_HEIGHT / 2;
        parts.push(
            svg(
                'g',
                {class: 'p-box p-ghost'},
                svg('rect', {x: FAR.x, y, width: FAR.width, height: GHOST_HEIGHT, rx: 7}),
                text(FAR.x + FAR.width / 2, at + 4, 'no endpoint was reached', 'p-sub p-middle'),
            ),
        );
        if (endsOnTheWay) {
            parts.push(lane(NODE.x + NODE.width, FAR.x, at, false, lostWay, open, null));
        }
    }
    const total = Math.max(height, farHeight) + 24;
    const drawing = svg(
        'svg',
        {viewBox: `0 0 ${WIDTH} ${total}`, class: 'picture', role: 'group', 'aria-label': describe(path, all, numbers)},
        svg('defs', null, ...['ok', 'degraded', 'failed', 'unreached', 'undetermined', 'none'].map(marker)),
        ...parts,
    );
    const more = hidden > 0 ? h('p', {class: 'quiet'}, `${plural(hidden, 'more node')} not drawn; the table shows all.`) : null;
    return h(
        'div',
        {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': 'Picture of the path ' + path.name},
        drawing,
        more,
    );
}

function describe(path, groups, numbers) {
    return (
        `Path ${path.name}: ` +
        numbers
            .map(number => {
                const step = sum(groups, number);
                return (
                    `step ${number} ${step.title}: reached by ${reached(step)} flows` +
                    (step.failed ? `, ${step.failed} end here` : '')
                );
            })
            .join('; ')
    );
}

function reached(step) {
    if (!step) {
        return '';
    }
    const applicable = step.statuses.reduce((a, b) => a + b, 0) - step.statuses[3];
    const passed = step.statuses[0] + step.statuses[1];
    return applicable === 0
        ? '–'
        : passed === applicable
          ? 'all ' + briefly(passed)
          : briefly(passed) + ' of ' + briefly(applicable);
}

/** As on the ways between the boxes, in the fewer words for which there is room inside of one. */
function endsHere(x, y, step) {
    return svg('g', {class: 'p-break'}, text(x, y, `✕ ${briefly(step.failed)} ${step.failed === 1 ? 'ends' : 'end'} here`, 'p-end'));
}

function podsOf(groups) {
    const pods = groups.flatMap(group => group.endpoints).sort((a, b) => badOf(b) - badOf(a) || flowsOf(b) - flowsOf(a));
    if (pods.length <= POD_ROWS) {
        return pods;
    }
    const rest = pods.slice(POD_ROWS - 1);
    return [
        ...pods.slice(0, POD_ROWS - 1),
        {rest: rest.length, verdicts: VERDICTS.map((name, i) => rest.reduce((total, pod) => total + pod.verdicts[i], 0))},
    ];
}

function pods(parts, list, x, y, width, open) {
    list.forEach((pod, i) => {
        const label = pod.rest ? plural(pod.rest, 'more pod') : pod.pod ? pod.pod.split('/').pop() : pod.address;
        const worst = pod.verdicts[2] ? 'failed' : pod.verdicts[1] ? 'degraded' : pod.verdicts[3] ? 'undetermined' : 'ok';
        const result = pod.verdicts[2]
            ? `${briefly(pod.verdicts[2])} of ${briefly(flowsOf(pod))} failed`
            : briefly(flowsOf(pod)) + (flowsOf(pod) === 1 ? ' flow' : ' flows');
        const room = (width - 40 - result.length * 6.6) / 7;
        const beside = room - Math.min(label.length, room);
        const row = svg(
            'g',
            {class: 'p-pod v-' + worst},
            svg('rect', {x, y: y + i * 24, width, height: 20, rx: 3}),
            svg('text', {x: x + 8, y: y + i * 24 + 14, class: 'p-sign'}, SIGNS[worst]),
            svg(
                'text',
                {x: x + 24, y: y + i * 24 + 14},
                clip(label, room),
                pod.pod && beside > 9 ? svg('tspan', {class: 'p-quiet', dx: 8}, clip(pod.address, beside * 1.05 - 1)) : null,
                svg('title', null, [pod.pod, pod.address].filter(Boolean).join(' ')),
            ),
            svg('text', {x: x + width - 8, y: y + i * 24 + 14, class: 'p-count p-end'}, result),
        );
        parts.push(pod.rest ? row : link(row, () => open({text: pod.address}), `Flows to ${label}`));
    });
}

function clip(label, characters) {
    return label.length > characters ? label.slice(0, Math.floor(characters) - 1) + '…' : label;
}

function box(x, y, width, height, title, sub) {
    return svg(
        'g',
        {class: 'p-box'},
        svg('rect', {x, y, width, height, rx: 7}),
        svg('text', {x: x + 14, y: y + 24, class: 'p-title'}, title),
        svg('text', {x: x + 14, y: y + 41, class: 'p-sub'}, sub),
    );
}

function text(x, y, content, className) {
    return svg('text', {x, y, class: className}, content);
}

function bar(x, y, width, verdicts) {
    const total = verdicts.reduce((a, b) => a + b, 0) || 1;
    let at = x;
    return svg(
        'g',
        null,
        ...verdicts.map((value, i) => {
            const part = svg('rect', {x: at, y, width: (width * value) / total, height: 7, class: 'fill-' + VERDICTS[i]});
            at += (width * value) / total;
            return part;
        }),
    );
}

/** Where packets were captured. */
function tap(x, y, points, unknown, room = 40) {
    const label = points.length ? points.map(point => point.name).join(', ') : unknown ? '' : 'not captured';
    return svg(
        'g',
        {class: points.length ? 'p-tap' : 'p-tap p-none'},
        label === '' ? null : svg('circle', {cx: x + 4, cy: y - 4, r: 3.5}),
        svg('text', {x: x + 14, y}, clip(label, room), label.length > room ? svg('title', {}, label) : null),
    );
}

function marker(name) {
    return svg(
        'marker',
        {
            id: 'head-' + name,
            viewBox: '0 0 8 8',
            refX: 7.5,
            refY: 4,
            markerWidth: 8,
            markerHeight: 8,
            orient: 'auto-start-reverse',
            class: 'm-' + name,
            markerUnits: 'userSpaceOnUse',
        },
        svg('path', {d: 'M0 0.5 L8 4 L0 7.5 z'}),
    );
}

/** One direction between two boxes, with its steps in their order on the way. */
function lane(from, to, y, leftwards, steps, open, hop) {
    const shown = steps.filter(step => step !== null && step.statuses.some((value, i) => value > 0 && i !== 3));
    if (shown.length === 0) {
        return svg('g', null);
    }
    const parts = [];
    const ends = leftwards ? [to, from] : [from, to];
    const at = i => ends[0] + ((ends[1] - ends[0]) * (i + 0.5)) / shown.length;
    const broken = shown.findIndex(step => step.failed > 0);
    // Red where flows end, dashed if none gets further; behind the break the line is only as strong as what still passes.
    const passes = shown.map(step => step.statuses[0] + step.statuses[1]);
    const state = i => (broken >= 0 && i > broken && passes[i] === 0 ? 'unreached' : stateOf(shown[i]));
    const cut = i => (shown[i].failed > 0 && passes[i] === 0 ? ' p-cut' : '');
    shown.forEach((step, i) => {
        const x1 = ends[0] + ((ends[1] - ends[0]) * i) / shown.length;
        const x2 = ends[0] + ((ends[1] - ends[0]) * (i + 1)) / shown.length;
        parts.push(
            svg('line', {
                x1,
                y1: y,
                x2,
                y2: y,
                class: 'p-line s-' + state(i) + cut(i),
                'marker-end': i === shown.length - 1 ? `url(#head-${state(i)})` : null,
            }),
        );
    });
    shown.forEach((step, i) => {
        parts.push(badge(at(i), y, step, open));
        parts.push(text(at(i), y + 25, reached(step), 'p-count p-middle'));
    });
    if (broken >= 0) {
        const step = shown[broken];
        const code = step.codes.filter(([name]) => name[0] === '2').sort((a, b) => b[1] - a[1])[0];
        parts.push(
            svg(
                'g',
                {class: 'p-break'},
                text(
                    (from + to) / 2,
                    y - 19,
                    `✕ ${plural(step.failed, 'flow')} end${step.failed === 1 ? 's' : ''} here`,
                    'p-middle',
                ),
            ),
        );
        parts.push(svg('title', null, code ? code[0].slice(1) : ''));
    } else if (hop) {
        // What does not fit between the boxes would lie under them: the loss, which comes first, then stands alone.
        const whole = hop.join(', ');
        const fits = whole.length * LETTER <= Math.abs(to - from);
        parts.push(text((from + to) / 2, y - 19, fits ? whole : hop[0], 'p-hop p-middle'));
    }
    return svg('g', null, ...parts);
}

/** Loss and delay between two places in one direction, if both were captured. */
function hopBetween(model, path, direction, left, right) {
    const [a, b] = direction === 0 ? [left, right] : [right, left];
    const hops = path.hops.filter(
        hop => hop.direction === direction && hop.from !== hop.to && a(model.points[hop.from]) && b(model.points[hop.to]),
    );
    if (hops.length === 0) {
        return null;
    }
    const [sent, , lost] = hops[0].counts;
    const clock = model.clockDifference(hops[0].from, hops[0].to);
    const delay = hops[0].delays && clock ? uncertain(hops[0].delays[1] - clock.offset, clock.uncertainty) : '';
    const loss = lost ? `${briefly(lost)} of ${briefly(sent)} packets lost` : '';
    return [loss, delay].filter(Boolean);
}

/** The number of a step in the colour of what became of it. */
function badge(x, y, step, open) {
    const state = stateOf(step);
    const width = 14 + step.number.length * 7.2;
    const inferred = step.statuses[0] === 0 && step.statuses[1] > 0;
    const words = STATUSES.map((name, i) => (step.statuses[i] ? `${count(step.statuses[i])} ${name}` : ''))
        .filter(Boolean)
        .join(', ');
    const label =
        `Step ${step.number}: ${step.title}. ${words}` + (step.failed ? `. ${plural(step.failed, 'flow')} failed here` : '');
    const group = svg(
        'g',
        {class: `p-badge s-${state}` + (inferred ? ' p-inferred' : '')},
        svg('rect', {x: x - width / 2, y: y - 11, width, height: 22, rx: 11}),
        svg('text', {x, y: y + 4, class: 'p-middle'}, step.number),
        svg('title', null, label),
    );
    return link(group, () => open(step.failed > 0 ? {step: step.number} : {}), label);
}

function link(group, action, label) {
    group.setAttribute('role', 'button');
    group.setAttribute('tabindex', '0');
    group.setAttribute('aria-label', label);
    group.addEventListener('click', action);
    group.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            action();
        }
    });
    return group;
}
