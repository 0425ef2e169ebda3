// The ladder: a column for each place, time downward on the common clock, packets as arrows.
import {h, svg} from './dom.js';
import {count, duration, plural, since, tcpFlags, SEVERITIES} from './format.js';
import {splitEndpoint} from './wireshark.js';

const LEFT = 132;
const RIGHT = 324;
const HEAD_ROOM = 30;
const PACKET_GAP = 25;
const SIGHTING_GAP = 4;
/** Room above an arrow for its words. */
const WORDS = 16;
const LONGEST = 64;
const SILENCE = 46;

/** Places of packets in time: for each sighting its aligned time, for each packet whether the clocks leave the order open. */
export function alignTrail(model, detail, trail) {
    const packets = trail.packets.map((packet, index) =>
        packet.omitted
            ? {omitted: packet.omitted, index}
            : {
                  ...packet,
                  index,
                  sightings: [...packet.sightings]
                      .sort((a, b) => (packet.direction === 0 ? a.leg - b.leg : b.leg - a.leg))
                      .map(sighting => ({
                          ...sighting,
                          point: detail.legs[sighting.leg].point,
                          time: sighting.time,
                          at: model.aligned(detail.legs[sighting.leg].point, sighting.time),
                      })),
              },
    );
    unknownClocks(model, packets);
    return packets;
}

/** A point without a known clock is laid so that no packet arrives before it was sent: right in order, not in distance. */
function unknownClocks(model, packets) {
    model.points.forEach((point, index) => {
        if (point.clock.offset !== null || point.clock.reference) {
            return;
        }
        let least = -Infinity;
        for (const packet of packets.filter(candidate => !candidate.omitted)) {
            const here = packet.sightings.findIndex(sighting => sighting.point === index);
            const before = here > 0 ? packet.sightings[here - 1] : null;
            if (before && before.point !== index) {
                least = Math.max(least, before.at - packet.sightings[here].at);
            }
        }
        if (least > -Infinity) {
            packets.forEach(packet =>
                packet.sightings
                    ?.filter(sighting => sighting.point === index)
                    .forEach(sighting => {
                        sighting.at += least;
                    }),
            );
        }
    });
}

/** Time to height: dense where packets follow each other, cut where nothing happens. */
function layout(packets, pixelsPerMilli, silence) {
    const events = [];
    for (const packet of packets) {
        if (packet.omitted) {
            continue;
        }
        packet.sightings.forEach((sighting, i) => events.push({packet, sighting, first: i === 0, at: sighting.at}));
    }
    events.sort((a, b) => a.at - b.at || a.packet.index - b.packet.index || (a.first ? -1 : 0) - (b.first ? -1 : 0));
    const gaps = [];
    let y = HEAD_ROOM;
    let lastStart = -Infinity;
    const omittedAfter = new Map();
    packets.forEach((packet, i) => {
        if (packet.omitted && i > 0) {
            omittedAfter.set(packets[i - 1].index, packet.omitted);
        }
    });
    let previous = null;
    for (const event of events) {
        if (previous) {
            const distance = event.at - previous.at;
            const least = event.first ? Math.max(WORDS, PACKET_GAP - (y - lastStart)) : SIGHTING_GAP;
            const omitted = event.first ? omittedAfter.get(previous.packet.index) : undefined;
            if (distance >= silence || omitted) {
                gaps.push({y: y + 12, distance, omitted});
                y += SILENCE;
            } else {
                y += Math.max(least, Math.min(LONGEST, (distance / 1e6) * pixelsPerMilli));
            }
        }
        event.sighting.y = y;
        if (event.first) {
            lastStart = y;
        }
        previous = event;
    }
    for (const packet of packets.filter(candidate => !candidate.omitted)) {
        packet.top = Math.min(...packet.sightings.map(sighting => sighting.y));
        packet.bottom = Math.max(...packet.sightings.map(sighting => sighting.y));
    }
    return {gaps, height: y + 40};
}

/** What a packet is, in few words. */
export function packetLabel(packet) {
    if (packet.kind === 'tcp') {
        const parts = [tcpFlags(packet.flags)];
        parts.push('seq ' + packet.sequence);
        if (packet.flags & 16) {
            parts.push('ack ' + packet.acknowledgment);
        }
        if (packet.length) {
            parts.push(count(packet.length) + ' B');
        }
        return parts.join('  ');
    }
    if (isError(packet)) {
        return packet.kind.replace(/^icmpv6/, 'ICMPv6').replace(/^icmp/, 'ICMP');
    }
    return packet.kind.toUpperCase() + (packet.length ? '  ' + count(packet.length) + ' B' : '');
}

/** An ICMP error about the flow, no packet of it. */
const isError = packet => /^icmp(v6)? /.test(packet.kind);

/** The class of a packet's arrow. */
export function packetClass(packet) {
    const note = packet.note;
    const classes = [packet.direction === 0 ? 'a-request' : 'a-reply'];
    if (/lost/.test(note)) {
        classes.push('a-lost');
    }
    if (/retrans/.test(note)) {
        classes.push('a-again');
    }
    if (/duplicate/.test(note)) {
        classes.push('a-double');
    }
    if (packet.kind === 'tcp' && packet.flags & 4) {
        classes.push('a-reset');
    }
    if (isError(packet)) {
        classes.push('a-icmp');
    }
    return classes.join(' ');
}

export const frameKey = (point, file, number) => point + '/' + file + '/' + number;

/** The legs, and after them the points that should have seen the flow and did not. */
function withSilentPoints(detail) {
    const legs = [...detail.legs];
    for (const hop of detail.hops) {
        if (!legs.some(leg => leg.point === hop.to) && hop.direction === 0) {
            legs.push({point: hop.to, tuple: null, relation: null});
        }
    }
    return legs;
}

/**
 * The ladder of one flow. `choose` is called with the packet that was picked, and the frame of it that is wanted, if any; `clicked` after
 * a click on a packet, `entered` when Enter is pressed on one.
 */
export function ladder(model, detail, packets, choose, {clicked, entered}) {
    const legs = withSilentPoints(detail);
    const startOfFlow = Math.min(
        ...packets.filter(packet => !packet.omitted).map(packet => Math.min(...packet.sightings.map(s => s.at))),
    );
    const pins = new Map();
    detail.deviations.forEach((deviation, index) =>
        deviation.evidence.forEach(frame => {
            const key = frameKey(frame.point, frame.file, frame.number);
            pins.set(key, [...(pins.get(key) ?? []), index]);
        }),
    );
    const packetOfFrame = new Map();
    packets.forEach(packet =>
        packet.sightings?.forEach(sighting => packetOfFrame.set(frameKey(sighting.point, sighting.file, sighting.number), packet)),
    );
    const column = Math.max(212, Math.min(330, (1330 - LEFT - RIGHT) / legs.length));
    const width = LEFT + legs.length * column + RIGHT;
    const x = leg => LEFT + (leg + 0.5) * column;
    const canvas = svg('svg', {class: 'ladder-canvas', 'aria-hidden': 'true'});
    const scroller = h(
        'div',
        {
            class: 'ladder-scroll',
            tabindex: 0,
            role: 'listbox',
            'aria-label': 'Packets of the flow in time order. Arrow keys walk through them, Enter goes into one.',
        },
        heads(model, legs, column, width),
        canvas,
        h('div', {class: 'offscreen', role: 'option', id: 'ladder-option', 'aria-selected': 'true'}, 'No packet chosen'),
    );
    let zoom = 2;
    let silence = 200e6;
    let placed;
    let chosen = null;
    // A trail tells all requests before all replies; who walks through the ladder goes down it.
    const list = packets
        .filter(packet => !packet.omitted)
        .sort((a, b) => a.sightings[0].at - b.sightings[0].at || a.index - b.index);

    function relayout() {
        placed = layout(packets, zoom, silence);
        canvas.setAttribute('viewBox', `0 0 ${width} ${placed.height}`);
        canvas.setAttribute('width', width);
        canvas.setAttribute('height', placed.height);
        draw();
    }

    function draw(whole) {
        const from = whole ? 0 : scroller.scrollTop - 300;
        const to = whole ? placed.height : scroller.scrollTop + (scroller.clientHeight || 900) + 300;
        const parts = [svg('defs', null, ...['request', 'reply', 'lost', 'reset', 'icmp'].map(head))];
        legs.forEach((leg, i) =>
            parts.push(
                svg('line', {
                    x1: x(i),
                    x2: x(i),
                    y1: 0,
                    y2: placed.height,
                    class: leg.tuple === null ? 'l-column l-silent' : 'l-column',
                }),
            ),
        );
        legs.forEach((leg, i) => {
            if (i > 0 && legs[i - 1].point === leg.point) {
                parts.unshift(svg('rect', {x: x(i - 1), y: 0, width: x(i) - x(i - 1), height: placed.height, class: 'l-nat'}));
            }
        });
        for (const gap of placed.gaps) {
            if (gap.y > from && gap.y < to) {
                parts.push(silenceMark(gap, width));
            }
        }
        const visible = list.filter(packet => packet.bottom >= from && packet.top <= to);
        // Words above all lines, so that no arrow strikes them out.
        parts.push(...visible.map(arrow), ...visible.map(words));
        canvas.replaceChildren(...parts);
    }

    function arrow(packet) {
        const s = packet.sightings;
        const sign = packet.direction === 0 ? 1 : -1;
        const classes = packetClass(packet);
        const kind = classes.includes('a-reset')
            ? 'reset'
            : classes.includes('a-icmp')
              ? 'icmp'
              : packet.direction === 0
                ? 'request'
                : 'reply';
        const group = svg('g', {class: 'arrow ' + classes + (packet === chosen ? ' chosen' : '')});
        const lost = classes.includes('a-lost');
        const points = s.map(sighting => [x(sighting.leg), sighting.y]);
        const end = points.at(-1);
        if (points.length === 1 && !lost) {
            // Seen once only: it came from, or went to, where nothing was captured.
            const arrives =
                packet.direction === 0 ? s[0].leg === legs.length - 1 && legs.length > 1 : s[0].leg === 0 && legs.length > 1;
            const other = [end[0] + (arrives ? -1 : 1) * sign * column * 0.42, end[1]];
            const [a, b] = arrives ? [other, end] : [end, other];
            group.append(svg('line', {x1: a[0], y1: a[1], x2: b[0], y2: b[1], class: 'l-unseen', 'marker-end': `url(#l-${kind})`}));
        }
        for (let i = 1; i < points.length; i++) {
            const skipped = Math.abs(s[i].leg - s[i - 1].leg) > 1;
            group.append(
                svg('line', {
                    x1: points[i - 1][0],
                    y1: points[i - 1][1],
                    x2: points[i][0],
                    y2: points[i][1],
                    class: skipped ? 'l-skip' : 'l-seen',
                    'marker-end': i === points.length - 1 && !lost ? `url(#l-${kind})` : null,
                }),
            );
        }
        if (lost) {
            const reach = [end[0] + sign * column * 0.5, end[1] + 5];
            group.append(svg('line', {x1: end[0], y1: end[1], x2: reach[0], y2: reach[1], class: 'l-lost'}));
            group.append(svg('path', {class: 'l-cross', d: `M${reach[0] - 5} ${reach[1] - 5} l10 10 m0 -10 l-10 10`}));
        }
        for (const point of points) {
            group.append(svg('circle', {cx: point[0], cy: point[1], r: 2.4, class: 'l-dot'}));
        }
        chips(packet).forEach(chip => group.append(chip));
        group.append(
            svg('rect', {x: 0, y: packet.top - 11, width, height: Math.max(20, packet.bottom - packet.top + 18), class: 'l-hit'}),
        );
        group.addEventListener('click', () => {
            pick(packet);
            clicked();
        });
        return group;
    }

    /** Flags and numbers, beside the end that sent it, where its arrow leads away from them. */
    function words(packet) {
        const first = packet.sightings[0];
        const request = packet.direction === 0;
        const alone = packet.sightings.length === 1 && !/lost/.test(packet.note) && legs.length > 1;
        const shift = alone && first.leg === (request ? legs.length - 1 : 0) ? column * 0.45 : 0;
        return svg(
            'g',
            {class: 'words'},
            backdrop(packet, request, x(first.leg) + (request ? 9 - shift : shift - 9)),
            svg(
                'text',
                {
                    x: x(first.leg) + (request ? 9 - shift : shift - 9),
                    y: first.y - 5,
                    class: 'l-label ' + (request ? 'l-start' : 'l-finish'),
                },
                packetLabel(packet),
            ),
            svg('text', {x: LEFT - 14, y: first.y + 4, class: 'l-time'}, since(first.at - startOfFlow)),
        );
    }

    /** Words stay readable where many packets are on their way at once. */
    function backdrop(packet, request, at) {
        const size = packetLabel(packet).length * 5.8 + 6;
        const left = request ? at - 3 : at - size + 3;
        return svg('rect', {x: left, y: packet.sightings[0].y - 15, width: size, height: 13, class: 'l-back'});
    }

    /** Note and deviations of a packet, at the right border. */
    function chips(packet) {
        const found = [
            ...new Set(
                packet.sightings.flatMap(sighting => pins.get(frameKey(sighting.point, sighting.file, sighting.number)) ?? []),
            ),
        ];
        const items = found
            .sort((a, b) => detail.deviations[b].severity - detail.deviations[a].severity)
            .map(index => ({
                text: detail.deviations[index].code,
                class: 'pin sev-' + SEVERITIES[detail.deviations[index].severity],
            }));
        if (packet.note && !items.some(item => item.text.includes(packet.note))) {
            items.push({text: packet.note, class: 'pin note ' + (/lost/.test(packet.note) ? 'sev-error' : 'sev-warning')});
        }
        let at = LEFT + legs.length * column + 4;
        const y = packet.sightings[0].y;
        const shown = [];
        for (const item of items) {
            const label = shown.length === 0 && item.text.length > 34 ? item.text.slice(0, 33) + '…' : item.text;
            const size = label.length * 5.9 + 14;
            if (shown.length > 0 && at + size > width - 4) {
                shown.push(svg('text', {x: Math.min(at + 2, width - 14), y: y + 4, class: 'l-more'}, '…'));
                break;
            }
            shown.push(
                svg(
                    'g',
                    {class: item.class},
                    svg('rect', {x: at, y: y - 9, width: size, height: 18, rx: 9}),
                    svg('text', {x: at + 7, y: y + 4}, label),
                ),
            );
            at += size + 5;
        }
        return shown;
    }

    function pick(packet, frame) {
        chosen = packet;
        scroller.querySelector('#ladder-option').textContent = packetLabel(packet) + ' ' + packet.note;
        scroller.setAttribute('aria-activedescendant', 'ladder-option');
        draw();
        choose(packet, frame);
    }

    function reveal(packet) {
        const room = scroller.clientHeight - 60;
        if (packet.top < scroller.scrollTop + 20 || packet.bottom > scroller.scrollTop + room - 60) {
            scroller.scrollTop = Math.max(0, packet.top - room / 3);
        }
    }

    scroller.addEventListener('scroll', () => requestAnimationFrame(() => draw()), {passive: true});
    scroller.addEventListener('keydown', event => {
        const at = chosen ? list.indexOf(chosen) : -1;
        const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1, PageDown: at + 10, PageUp: at - 10}[
            event.key
        ];
        if (to !== undefined) {
            event.preventDefault();
            const next = list[Math.max(0, Math.min(list.length - 1, to))];
            pick(next);
            reveal(next);
        } else if (event.key === 'Enter' && event.target === scroller) {
            event.preventDefault();
            if (!chosen) {
                pick(list[0]);
            }
            entered();
        }
    });
    const zoomInput = h('input', {
        type: 'range',
        id: 'ladder-zoom',
        min: -2,
        max: 3,
        step: 0.1,
        oninput: event => {
            zoom = 2 * 10 ** Number(event.target.value);
            silence = zoom > 40 ? 20e6 : zoom < 0.2 ? 2e9 : 200e6;
            relayout();
        },
    });
    zoomInput.value = '0';
    const tools = h(
        'div',
        {class: 'ladder-tools'},
        h('label', {for: 'ladder-zoom'}, 'Zoom in time'),
        zoomInput,
        h(
            'span',
            {class: 'ladder-key'},
            h('span', {class: 'key key-request'}),
            'request',
            h('span', {class: 'key key-reply'}),
            'reply',
            h('span', {class: 'key key-again'}),
            'retransmission',
            h('span', {class: 'key-cross', 'aria-hidden': 'true'}, '✕'),
            'lost',
            h('span', {class: 'key key-skip'}),
            'not seen between',
        ),
    );
    relayout();
    new ResizeObserver(() => draw()).observe(scroller);
    window.addEventListener('beforeprint', () => draw(true));
    return {
        element: h('div', {class: 'ladder'}, tools, scroller),
        packetOfFrame,
        show(packet, frame) {
            pick(packet, frame);
            reveal(packet);
        },
        focus() {
            scroller.focus();
        },
    };
}

/** Heads of the columns: the point, and the tuple that packets have there. */
function heads(model, legs, column, width) {
    const cells = [];
    for (let i = 0; i < legs.length; i++) {
        const leg = legs[i];
        const same = [leg];
        while (legs[i + 1]?.point === leg.point) {
            same.push(legs[++i]);
        }
        const point = model.points[leg.point];
        cells.push(
            h(
                'div',
                {class: 'l-point', css: {width: same.length * column + 'px'}},
                h('div', {class: 'l-point-name'}, point.name, point.node ? h('span', {class: 'quiet'}, ' ' + point.node) : null),
                h(
                    'div',
                    {class: 'l-legs'},
                    same.map((part, k) => [
                        k > 0 ? h('span', {class: 'l-nat-mark'}, 'NAT') : null,
                        h(
                            'div',
                            {class: 'l-leg'},
                            part.tuple === null
                                ? h('div', {class: 'l-relation'}, 'captured, nothing seen')
                                : part.tuple.split(' -> ').map((end, j) => h('div', {class: 'l-end'}, j ? '→ ' : '', marked(end))),
                            h('div', {class: 'l-relation'}, relationText(part.relation)),
                        ),
                    ]),
                ),
            ),
        );
    }
    return h('div', {class: 'l-heads', css: {width: width + 'px', 'padding-left': LEFT + 'px'}}, cells);
}

function relationText(relation) {
    return (
        {
            original: 'as the client sent it',
            translated: 'after NAT',
            'reply-untranslated': 'answer past the NAT',
            remapped: 'translated anew',
        }[relation] ??
        relation ??
        ''
    );
}

function marked(end) {
    const parts = splitEndpoint(end);
    return parts
        ? [
              h('span', null, parts.address.includes(':') ? '[' + parts.address + ']' : parts.address),
              h('span', {class: 'l-port'}, ':' + parts.port),
          ]
        : end;
}

function silenceMark(gap, width) {
    const y = gap.y + 12;
    const label = [
        gap.omitted ? plural(gap.omitted, 'packet') + ' left out' : '',
        duration(gap.distance) + (gap.omitted ? '' : ' of silence'),
    ]
        .filter(Boolean)
        .join(', ');
    const middle = (LEFT + width - RIGHT) / 2;
    const half = label.length * 3.1 + 10;
    return svg(
        'g',
        {class: 'l-gap'},
        svg('line', {x1: LEFT - 6, x2: middle - half, y1: y, y2: y}),
        svg('line', {x1: middle + half, x2: width - RIGHT, y1: y, y2: y}),
        svg('text', {x: LEFT - 14, y: y + 4, class: 'l-time'}, '⋮'),
        svg('text', {x: middle, y: y + 4, class: 'l-label'}, label),
    );
}

function head(name) {
    return svg(
        'marker',
        {
            id: 'l-' + name,
            viewBox: '0 0 8 8',
            refX: 7.5,
            refY: 4,
            markerWidth: 8,
            markerHeight: 8,
            orient: 'auto',
            class: 'lm-' + name,
            markerUnits: 'userSpaceOnUse',
        },
        svg('path', {d: 'M0 0.8 L8 4 L0 7.2 z'}),
    );
}
