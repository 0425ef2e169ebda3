// One frame in full: its layers as a tree, its bytes beside it, each pointing to the other.
import {h, put, copyButton} from './dom.js';
import {count, plural, dateTime} from './format.js';

/** What was opened and closed stays so from frame to frame. */
const opened = new Map();
const OPEN_AT_FIRST = /^(Internet Protocol|Transmission Control|User Datagram|Internet Control Message|Domain Name|Stream Control)/;
/** Headers that every hop writes anew: that they differ says nothing. */
const OF_THE_LINK = /^(Frame|Ethernet|802\.1|Linux cooked|Link type|MultiProtocol)/;
const NARROW = 700;

/** The layers of a frame as nodes: {name, value, start, length, path, children, problem, was}. */
export function nodesOf(model, place, frame, packet, relative) {
    const missing = frame.original - frame.captured;
    const line = (name, value) => ({name, value, start: -1, length: 0, children: []});
    const first = {
        name: 'Frame ' + count(place.number),
        value:
            plural(frame.original, 'byte') +
            ' on the wire, ' +
            (missing > 0 ? count(frame.captured) + ' captured' : 'all captured'),
        start: 0,
        length: frame.captured,
        children: [
            line('File', place.file),
            line('Point', model.points[place.point].name),
            line('Number', String(place.number)),
            line('Time there', dateTime(model.stamped(place.point, place.time))),
            line('Length', plural(frame.original, 'byte') + ' on the wire, ' + plural(frame.captured, 'byte') + ' captured'),
            line('Link type', frame.linkType),
        ],
    };
    const layers = frame.layers.map(layer => ({
        name: layer.name,
        value: layer.summary,
        start: layer.start,
        length: layer.length,
        problem: layer.problem,
        children: layer.fields.map(field => withRelative(field, layer.name, packet, relative)),
    }));
    const nodes = [first, ...layers];
    number(nodes, '');
    return nodes;
}

function withRelative(field, layer, packet, relative) {
    const sequence = field.name === 'Sequence number';
    if (layer !== 'Transmission Control Protocol' || packet?.kind !== 'tcp' || relative === null) {
        return field;
    }
    if (sequence || (field.name === 'Acknowledgment number' && packet.flags & 16)) {
        const value = sequence ? relative : packet.acknowledgment;
        return {...field, note: `relative ${value}`};
    }
    return field;
}

/** Paths name nodes across frames: the second IP header of a tunnel is not the first. */
function number(nodes, above) {
    const seen = new Map();
    for (const node of nodes) {
        const name = above === '' ? node.name.replace(/^Frame .*/, 'Frame') : node.name;
        const nth = (seen.get(name) ?? 0) + 1;
        seen.set(name, nth);
        node.path = above + '/' + name + (nth > 1 ? '#' + nth : '');
        number(node.children ?? [], node.path);
    }
}

/** Marks what a frame has otherwise than the same packet had at the place before. */
export function markChanges(nodes, before, placeBefore) {
    const values = new Map();
    const collect = list =>
        list.forEach(node => {
            values.set(node.path, node.value);
            collect(node.children ?? []);
        });
    collect(before);
    const mark = list =>
        list.forEach(node => {
            const was = values.get(node.path);
            const plain = (node.children ?? []).length === 0;
            if (plain && was !== undefined && was !== node.value && !/checksum/i.test(node.name)) {
                node.was = was;
                node.wasAt = placeBefore;
            }
            mark(node.children ?? []);
            node.changed = node.was !== undefined || (node.children ?? []).some(child => child.changed);
        });
    mark(nodes.filter(node => !OF_THE_LINK.test(node.name) && node.children.length > 0));
}

/** Indexes of payload bytes that are not those of the place before. */
export function changedBytes(frame, before) {
    const last = frame?.layers.at(-1);
    const old = before?.layers.at(-1);
    const found = new Set();
    if (!last || !old || last.fields.length || old.fields.length || last.length !== old.length || last.name !== old.name) {
        return found;
    }
    for (let i = 0; i < last.length; i++) {
        const here = frame.bytes[last.start + i];
        const there = before.bytes[old.start + i];
        if (here !== undefined && there !== undefined && here !== there) {
            found.add(last.start + i);
        }
    }
    return found;
}

/** The tree and the bytes of one frame. `leave` is called when Escape is pressed in the tree. */
export function dissection(model, place, frame, nodes, altered, leave) {
    const dump = bytesOf(model, frame, altered, index => tree.choose(deepest(nodes, index)));
    const tree = treeOf(nodes, `Layers of frame ${place.number} of ${place.file}`, node => dump.mark(node), leave);
    return {
        element: h(
            'div',
            {class: 'dissection'},
            h(
                'div',
                {class: 'dissection-tree'},
                h(
                    'div',
                    {class: 'pane-head'},
                    h('h4', null, 'Layers'),
                    h('button', {type: 'button', class: 'copy', onclick: () => tree.openAll()}, 'Open all'),
                    h('button', {type: 'button', class: 'copy', onclick: () => tree.closeAll()}, 'Close all'),
                    copyButton(asText(nodes, frame), 'Copy as text'),
                ),
                tree.element,
            ),
            dump.element,
        ),
        focus: () => tree.focus(),
    };
}

function deepest(nodes, index) {
    let found = null;
    const look = list =>
        list.forEach(node => {
            if (node.start >= 0 && index >= node.start && index < node.start + node.length) {
                if (!found || node.length <= found.length) {
                    found = node;
                }
            }
            look(node.children ?? []);
        });
    look(nodes);
    return found;
}

function treeOf(nodes, label, marked, leave) {
    const items = new Map();
    let current = null;

    const isOpen = node => opened.get(node.path) ?? (OPEN_AT_FIRST.test(node.name) || node.path.endsWith('/Options'));
    const has = node => (node.children ?? []).length > 0;

    function item(node, level, at, all) {
        const element = h(
            'li',
            {
                role: 'treeitem',
                class: 't-item' + (node.changed ? ' t-changed' : ''),
                'aria-level': level,
                'aria-posinset': at + 1,
                'aria-setsize': all,
                'aria-selected': 'false',
                'aria-expanded': has(node) ? String(isOpen(node)) : null,
                'aria-label': spoken(node),
                tabindex: -1,
            },
            h(
                'div',
                {class: 't-row', css: {'--level': level - 1}},
                h('span', {class: 't-twist', 'aria-hidden': 'true'}, has(node) ? '' : null),
                h(
                    'span',
                    {class: 't-text'},
                    h('span', {class: 't-name'}, node.name + (node.value !== '' ? (level === 1 ? ' ' : ': ') : '')),
                    h('span', {class: 't-value'}, node.value),
                    node.note ? h('span', {class: 't-note'}, node.note) : null,
                    node.was !== undefined ? h('span', {class: 't-was'}, `was ${node.was} at ${node.wasAt}`) : null,
                    node.problem ? h('span', {class: 't-problem'}, node.problem) : null,
                ),
            ),
            has(node)
                ? h(
                      'ul',
                      {role: 'group', class: 't-group'},
                      node.children.map((child, i) => item(child, level + 1, i, node.children.length)),
                  )
                : null,
        );
        items.set(element, node);
        node.element = element;
        return element;
    }

    const element = h(
        'ul',
        {role: 'tree', class: 't-tree', 'aria-label': label},
        nodes.map((node, i) => item(node, 1, i, nodes.length)),
    );
    nodes[0].element.tabIndex = 0;

    function open(node, whether) {
        if (has(node)) {
            opened.set(node.path, whether);
            node.element.setAttribute('aria-expanded', String(whether));
        }
    }

    function choose(target, focus) {
        const before = current ?? nodes[0].element;
        before.tabIndex = -1;
        before.setAttribute('aria-selected', 'false');
        current = target;
        current.tabIndex = 0;
        current.setAttribute('aria-selected', 'true');
        if (focus) {
            current.focus({preventScroll: true});
            current.firstElementChild.scrollIntoView({block: 'nearest'});
        }
        marked(items.get(current));
    }

    const visible = () => [...items.keys()].filter(one => one.offsetParent !== null).sort(inOrder);
    const parent = one => one.parentElement.closest('[role=treeitem]');

    element.addEventListener('click', event => {
        const target = event.target.closest('[role=treeitem]');
        if (target) {
            if (event.target.closest('.t-twist') || target === current || event.detail === 2) {
                open(items.get(target), target.getAttribute('aria-expanded') !== 'true');
            } else if (target.getAttribute('aria-expanded') === 'false') {
                open(items.get(target), true);
            }
            choose(target, true);
        }
    });
    element.addEventListener('keydown', event => {
        const target = event.target.closest('[role=treeitem]');
        if (!target || event.altKey || event.ctrlKey || event.metaKey) {
            return;
        }
        const list = visible();
        const at = list.indexOf(target);
        const expanded = target.getAttribute('aria-expanded');
        let to = null;
        switch (event.key) {
            case 'ArrowDown':
                to = list[at + 1];
                break;
            case 'ArrowUp':
                to = list[at - 1];
                break;
            case 'Home':
                to = list[0];
                break;
            case 'End':
                to = list.at(-1);
                break;
            case 'ArrowRight':
                if (expanded === 'false') {
                    open(items.get(target), true);
                } else if (expanded === 'true') {
                    to = target.querySelector('[role=treeitem]');
                }
                break;
            case 'ArrowLeft':
                if (expanded === 'true') {
                    open(items.get(target), false);
                } else {
                    to = parent(target);
                }
                break;
            case 'Enter':
            case ' ':
                open(items.get(target), expanded === 'false');
                break;
            case '*':
                openAll();
                break;
            case 'Escape':
                leave();
                break;
            default:
                return;
        }
        event.preventDefault();
        if (to) {
            choose(to, true);
        }
    });
    element.addEventListener('focusin', event => {
        if (event.target !== current && items.has(event.target)) {
            choose(event.target, false);
        }
    });

    function openAll() {
        items.forEach(node => open(node, true));
    }

    return {
        element,
        openAll,
        closeAll: () => items.forEach(node => open(node, false)),
        focus: () => choose(current ?? nodes[0].element, true),
        choose(node) {
            if (node) {
                for (let above = parent(node.element); above; above = parent(above)) {
                    open(items.get(above), true);
                }
                choose(node.element, true);
            }
        },
    };
}

function inOrder(a, b) {
    return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

function spoken(node) {
    return [
        node.name + (node.value !== '' ? ': ' + node.value : ''),
        node.note,
        node.was !== undefined ? `was ${node.was} at ${node.wasAt}` : null,
        node.problem,
    ]
        .filter(Boolean)
        .join('; ');
}

const hexByte = value => value.toString(16).padStart(2, '0');
const printable = value => (value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·');

/** The bytes in hexadecimal and as ASCII. Each can be pointed at. */
function bytesOf(model, frame, altered, pointed) {
    const bytes = frame.bytes;
    const width = window.innerWidth < NARROW ? 8 : 16;
    const hex = [];
    const ascii = [];
    const blanks = [];
    const rows = [];
    for (let at = 0; at < bytes.length; at += width) {
        const left = [];
        const right = [];
        for (let i = at; i < at + width; i++) {
            if (i > at && (i - at) % 8 === 0) {
                left.push(' ');
            }
            if (i < bytes.length) {
                const state = altered.has(i) ? ' b-altered' : '';
                hex[i] = h('span', {class: 'b' + state, 'data-i': i}, hexByte(bytes[i]));
                blanks[i] = h('span', null, ' ');
                ascii[i] = h('span', {class: 'b' + state, 'data-i': i}, printable(bytes[i]));
                left.push(hex[i], blanks[i]);
                right.push(ascii[i]);
            } else {
                left.push('   ');
            }
        }
        rows.push(h('span', {class: 'b-offset'}, at.toString(16).padStart(4, '0') + '  '), left, ' ', right, '\n');
    }
    const pre = h('pre', {class: 'b-dump', tabindex: 0, role: 'region', 'aria-label': 'Bytes of the frame'}, rows);
    pre.addEventListener('click', event => {
        const index = event.target.dataset?.i;
        if (index !== undefined) {
            pointed(Number(index));
        }
    });
    const more = frame.captured - bytes.length;
    const cut = frame.original - frame.captured;
    return {
        element: h(
            'div',
            {class: 'dissection-bytes'},
            h(
                'div',
                {class: 'pane-head'},
                h('h4', null, 'Bytes'),
                altered.size ? h('span', {class: 't-was'}, plural(altered.size, 'byte') + ' of payload altered on the way') : null,
            ),
            pre,
            more > 0
                ? h(
                      'p',
                      {class: 'quiet'},
                      `${plural(more, 'byte')} more: of what the headers carry the first ${model.dissected.payload} are kept.`,
                  )
                : null,
            cut > 0
                ? h(
                      'p',
                      {class: 'quiet'},
                      `${plural(cut, 'byte')} of the packet were not captured: the capture's snap length cut it.`,
                  )
                : null,
        ),
        mark(node) {
            pre.querySelectorAll('.b-marked').forEach(span => span.classList.remove('b-marked'));
            // The whole frame is nothing to point at.
            if (node.start < 0 || node.length <= 0 || node.path === '/Frame') {
                return;
            }
            const end = Math.min(bytes.length, node.start + node.length);
            for (let i = node.start; i < end; i++) {
                hex[i].classList.add('b-marked');
                ascii[i].classList.add('b-marked');
                if (i + 1 < end && (i + 1) % 8 !== 0) {
                    blanks[i].classList.add('b-marked');
                }
            }
            const first = hex[node.start];
            if (first) {
                const top = first.offsetTop - pre.offsetTop;
                if (top < pre.scrollTop || top > pre.scrollTop + pre.clientHeight - 30) {
                    pre.scrollTop = Math.max(0, top - 40);
                }
            }
        },
    };
}

/** For tickets and mail. */
function asText(nodes, frame) {
    const lines = [];
    const write = (list, level) =>
        list.forEach(node => {
            lines.push('    '.repeat(level) + spoken(node));
            write(node.children ?? [], level + 1);
        });
    write(nodes, 0);
    lines.push('');
    for (let at = 0; at < frame.bytes.length; at += 16) {
        const row = [...frame.bytes.slice(at, at + 16)];
        lines.push(
            at.toString(16).padStart(4, '0') + '  ' + row.map(hexByte).join(' ').padEnd(48) + ' ' + row.map(printable).join(''),
        );
    }
    return lines.join('\n') + '\n';
}

/** What stands in place of a frame that the report does not hold. */
export function absent(model, place, filter) {
    return put(
        h('div', {class: 'notice absent'}),
        h('p', null, `Frame ${count(place.number)} of ${place.file} is not taken apart here: ${model.whyAbsent(place)}.`),
        h(
            'p',
            null,
            'Wireshark shows it: open ',
            h('code', null, place.file),
            ' with the display filter ',
            h('code', null, filter),
            copyButton(filter, 'Copy'),
        ),
    );
}
