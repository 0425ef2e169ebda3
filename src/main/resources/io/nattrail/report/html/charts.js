// Two charts of one flow: sequence numbers over time, and delay of each hop over time with what the clocks leave open.
import {h, svg} from './dom.js';
import {count, duration, plural, uncertain} from './format.js';

const W = 640;
const H = 280;
const PAD = {left: 62, right: 14, top: 14, bottom: 34};
const MOST = 3000;

function ticks(least, most, wanted) {
    const span = most - least || 1;
    const raw = span / wanted;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(value => value >= raw);
    const found = [];
    for (let value = Math.ceil(least / step) * step; value <= most + step * 1e-6; value += step) {
        found.push(value);
    }
    return found;
}

function frame(xRange, yRange, xText, yText, title) {
    const px = value => PAD.left + ((value - xRange[0]) / (xRange[1] - xRange[0] || 1)) * (W - PAD.left - PAD.right);
    const py = value => H - PAD.bottom - ((value - yRange[0]) / (yRange[1] - yRange[0] || 1)) * (H - PAD.top - PAD.bottom);
    const parts = [];
    for (const value of ticks(...yRange, 5)) {
        parts.push(
            svg('line', {x1: PAD.left, x2: W - PAD.right, y1: py(value), y2: py(value), class: 'grid-line'}),
            svg('text', {x: PAD.left - 7, y: py(value) + 4, class: 'tick t-end'}, yText(value)),
        );
    }
    for (const value of ticks(Math.max(0, xRange[0]), xRange[1], 5)) {
        parts.push(
            svg('line', {x1: px(value), x2: px(value), y1: H - PAD.bottom, y2: H - PAD.bottom + 4, class: 'axis-line'}),
            svg('text', {x: px(value), y: H - PAD.bottom + 17, class: 'tick t-middle'}, xText(value)),
        );
    }
    parts.push(
        svg('line', {x1: PAD.left, x2: W - PAD.right, y1: H - PAD.bottom, y2: H - PAD.bottom, class: 'axis-line'}),
        svg('text', {x: W - PAD.right, y: H - 3, class: 'tick t-end'}, 'time since the flow began'),
    );
    return {
        px,
        py,
        element: (...children) =>
            svg('svg', {viewBox: `0 0 ${W} ${H}`, class: 'chart', role: 'img', 'aria-label': title}, ...parts, ...children),
    };
}

/** Every packet as a line from its first to its last byte, at the place that saw it first. */
export function sequenceChart(packets) {
    const tcp = packets.filter(packet => !packet.omitted && packet.kind === 'tcp' && packet.sightings.length);
    if (tcp.length < 3 || tcp.every(packet => packet.length === 0)) {
        return null;
    }
    const begin = Math.min(...tcp.map(packet => packet.sightings[0].at));
    const most = list => list.reduce((a, packet) => Math.max(a, packet.sequence + packet.length), 1);
    const shown = thin(tcp, packet => packet.note !== '');
    // A reset of a stray connection may carry a number far from the others; it would flatten all else.
    const sane = shown.filter(packet => packet.sequence < 2 ** 31 && !(packet.flags & 4));
    const end = Math.max(...tcp.map(packet => packet.sightings[0].at)) - begin;
    const title =
        `Sequence numbers over time: ${plural(tcp.length, 'packet')}, request up to ${count(most(sane.filter(p => p.direction === 0)))}, ` +
        `reply up to ${count(most(sane.filter(p => p.direction === 1)))}`;
    const chart = frame([-end * 0.02, (end || 1) * 1.02], [0, most(sane)], duration, value => count(Math.round(value)), title);
    const marks = sane.map(packet => {
        const x = chart.px(packet.sightings[0].at - begin);
        const y1 = chart.py(packet.sequence);
        const y2 = Math.min(y1 - 3, chart.py(packet.sequence + packet.length));
        const kind = /lost/.test(packet.note)
            ? 'q-lost'
            : /retrans/.test(packet.note)
              ? 'q-again'
              : packet.direction === 0
                ? 'q-request'
                : 'q-reply';
        const mark =
            kind === 'q-lost'
                ? svg('path', {class: kind, d: `M${x - 4} ${y1 - 4} l8 8 m0 -8 l-8 8`})
                : svg('line', {x1: x, x2: x, y1, y2, class: kind});
        mark.append(
            svg(
                'title',
                null,
                `${packet.note || (packet.direction === 0 ? 'request' : 'reply')}: seq ${packet.sequence}, ${packet.length} B`,
            ),
        );
        return mark;
    });
    return figure(
        'Sequence numbers over time',
        chart.element(...marks),
        legend([
            ['key-request', 'request'],
            ['key-reply', 'reply'],
            ['key-again', 'retransmission'],
            ['key-lost', 'lost'],
        ]),
    );
}

/** Delays of each hop that was seen at both ends. */
export function delayChart(model, detail, packets) {
    const hops = new Map();
    let begin = Infinity;
    for (const packet of packets.filter(candidate => !candidate.omitted)) {
        for (let i = 1; i < packet.sightings.length; i++) {
            const a = packet.sightings[i - 1];
            const b = packet.sightings[i];
            if (a.point !== b.point && model.clockDifference(a.point, b.point) === null) {
                continue;
            }
            const key = a.leg + '>' + b.leg;
            if (!hops.has(key)) {
                const difference = model.clockDifference(a.point, b.point);
                hops.set(key, {
                    from: model.points[a.point].name,
                    to: model.points[b.point].name,
                    inside: a.point === b.point,
                    uncertainty: difference.uncertainty,
                    values: [],
                });
            }
            hops.get(key).values.push({at: a.at, delay: b.at - a.at});
            begin = Math.min(begin, a.at);
        }
    }
    const list = [...hops.values()].slice(0, 8);
    if (list.length === 0) {
        return null;
    }
    const all = list.flatMap(hop => hop.values);
    const end = Math.max(...all.map(value => value.at)) - begin;
    const delays = all.map(value => value.delay).sort((a, b) => a - b);
    const top = Math.max(...list.map(hop => Math.max(...hop.values.map(value => value.delay)) + (hop.uncertainty ?? 0)), 1) * 1.03;
    const bottom = Math.min(0, delays[0]);
    const chart = frame(
        [-end * 0.02, (end || 1) * 1.02],
        [bottom, top],
        duration,
        duration,
        'Delay of each hop over time: ' +
            list.map(hop => `${hop.from} to ${hop.to} ${uncertain(median(hop.values), hop.uncertainty)}`).join('; '),
    );
    const marks = [];
    list.forEach((hop, i) => {
        for (const value of thin(hop.values, () => false)) {
            const x = chart.px(value.at - begin);
            if (hop.uncertainty) {
                marks.push(
                    svg('line', {
                        x1: x,
                        x2: x,
                        y1: Math.max(PAD.top, chart.py(value.delay + hop.uncertainty)),
                        y2: Math.min(H - PAD.bottom, chart.py(value.delay - hop.uncertainty)),
                        class: 'whisker d-' + i,
                    }),
                );
            }
            marks.push(
                svg(
                    'circle',
                    {cx: x, cy: chart.py(value.delay), r: 2.6, class: 'd-' + i},
                    svg('title', null, `${hop.from} to ${hop.to}: ${uncertain(value.delay, hop.uncertainty)}`),
                ),
            );
        }
    });
    return figure(
        'Delay of each hop',
        chart.element(...marks),
        legend(
            list.map((hop, i) => [
                'key-dot d-' + i,
                `${hop.inside ? hop.from + ' NAT' : hop.from + ' → ' + hop.to}  ${uncertain(median(hop.values), hop.uncertainty)}`,
            ]),
        ),
    );
}

function median(values) {
    const sorted = values.map(value => value.delay).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

/** At most so many, evenly, and all that must be kept. */
function thin(list, keep) {
    if (list.length <= MOST) {
        return list;
    }
    const every = Math.ceil(list.length / MOST);
    return list.filter((item, i) => i % every === 0 || keep(item));
}

function figure(title, chart, key) {
    return h('figure', {class: 'figure'}, h('figcaption', null, title), chart, key);
}

function legend(items) {
    return h(
        'p',
        {class: 'legend'},
        items.map(([className, label]) => h('span', {class: 'legend-item'}, h('span', {class: 'key ' + className}), label)),
    );
}
