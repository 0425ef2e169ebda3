// The place below the ladder where a packet, or one of its frames, is shown in full.
import {h, put, copyButton} from './dom.js';
import {count, clockTime, uncertain} from './format.js';
import {packetLabel} from './ladder.js';
import {frameFilter} from './wireshark.js';
import {nodesOf, markChanges, changedBytes, dissection, absent} from './dissection.js';

/** The inspector of one flow. `hint` says what to choose; `leave` is called when the keyboard is to go back to where that was. */
export function inspector(model, detail, hint, leave) {
    const said = h('p', {class: 'offscreen', role: 'status'});
    const body = h('div', {class: 'inspector-body'}, hint ? h('p', {class: 'quiet unprinted'}, hint) : null);
    const element = h('div', {class: 'inspector'}, said, body);
    const panel = h('div', {class: 'frame-panel', role: 'tabpanel', id: 'frame-panel'});
    let shown = null;
    let turn = 0;
    let focusWanted = false;
    let leg = null;

    async function frame(places, at, packet) {
        const mine = ++turn;
        const loaded = await Promise.all(places.map(place => model.dissection(place)));
        if (mine !== turn) {
            return;
        }
        const place = places[at];
        const here = loaded[at];
        if (!here) {
            shown = null;
            put(panel, absent(model, place, frameFilter([place.number])));
            said.textContent = `Frame ${place.number} of ${place.file} is not taken apart here`;
        } else {
            const nodes = nodesOf(model, place, here, packet, relativeSequence(packet, loaded, at));
            const before = at > 0 ? loaded[at - 1] : null;
            if (before) {
                markChanges(nodes, nodesOf(model, places[at - 1], before, null, null), nameOf(places, at - 1));
            }
            shown = dissection(model, place, here, nodes, changedBytes(here, before), leave);
            put(panel, shown.element);
            said.textContent = `Frame ${place.number} of ${place.file} in full`;
        }
        if (focusWanted) {
            focus();
        }
    }

    /** Two legs of one point are told apart by what NAT did between them. */
    function nameOf(places, index) {
        const place = places[index];
        const name = model.points[place.point].name;
        const twin = places.some((other, i) => i !== index && other.point === place.point);
        const relation = place.leg === undefined ? null : detail.legs[place.leg].relation;
        return twin && relation ? name + (relation === 'original' ? ' before NAT' : ' after NAT') : name;
    }

    function tabs(places, at, packet) {
        const buttons = places.map((place, i) =>
            h(
                'button',
                {
                    type: 'button',
                    role: 'tab',
                    class: 'place' + (model.hasDissection(place) ? '' : ' place-absent'),
                    id: 'place-' + i,
                    'aria-selected': String(i === at),
                    'aria-controls': 'frame-panel',
                    tabindex: i === at ? 0 : -1,
                    onclick: () => select(i),
                },
                nameOf(places, i),
                h('span', {class: 'place-frame'}, ' #' + place.number),
            ),
        );
        const select = (index, focused) => {
            buttons.forEach((button, i) => {
                button.setAttribute('aria-selected', String(i === index));
                button.tabIndex = i === index ? 0 : -1;
            });
            panel.setAttribute('aria-labelledby', 'place-' + index);
            leg = places[index].leg ?? leg;
            if (focused) {
                buttons[index].focus();
            }
            frame(places, index, packet);
        };
        panel.setAttribute('aria-labelledby', 'place-' + at);
        return h(
            'div',
            {
                class: 'places',
                role: 'tablist',
                'aria-label': 'Places that saw the packet',
                onkeydown: event => {
                    const now = buttons.indexOf(document.activeElement);
                    const to = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1}[event.key];
                    if (to !== undefined && now >= 0) {
                        event.preventDefault();
                        select((to + buttons.length) % buttons.length, true);
                    } else if (event.key === 'ArrowDown') {
                        event.preventDefault();
                        focus();
                    } else if (event.key === 'Escape') {
                        leave();
                    }
                },
            },
            buttons,
        );
    }

    function focus() {
        focusWanted = false;
        if (shown) {
            shown.focus();
        } else {
            body.querySelector('[role=tab][aria-selected=true]')?.focus();
        }
        reveal();
    }

    /** Brings the inspector into sight, and leaves the ladder's end there to choose the next packet. */
    function reveal() {
        const top = element.getBoundingClientRect().top;
        if (top > window.innerHeight * 0.6 || top < 0) {
            window.scrollBy(0, top - window.innerHeight * 0.4);
        }
    }

    return {
        element,
        reveal,

        /** Moves the keyboard into what is shown, once it is. */
        focus() {
            if (shown || body.querySelector('.absent')) {
                focus();
            } else {
                focusWanted = true;
            }
        },

        /** Shows a packet of the ladder, at one of its places. */
        packet(packet, wanted) {
            const places = packet.sightings;
            let at = wanted
                ? places.findIndex(place => place.point === wanted.point && place.number === wanted.number && place.file === wanted.file)
                : places.findIndex(place => place.leg === leg);
            at = Math.max(0, at);
            leg = places[at].leg;
            shown = null;
            put(panel);
            put(body, heading(packet), sightings(model, detail, packet), tabs(places, at, packet), panel);
            frame(places, at, packet);
        },

        /** Shows a frame that the ladder does not have. */
        frame(wanted) {
            shown = null;
            put(panel);
            put(body, h('h3', null, `Frame ${count(wanted.number)} of ${wanted.file}`), tabs([wanted], 0, null), panel);
            frame([wanted], 0, null);
        },
    };
}

/** Of the frame that is shown, its sequence number from the connection's begin: the trail tells that of the first place. */
function relativeSequence(packet, loaded, at) {
    const raw = frame =>
        frame?.layers
            .find(layer => layer.name === 'Transmission Control Protocol')
            ?.fields.find(field => field.name === 'Sequence number')?.value;
    const first = raw(loaded[0]);
    const here = raw(loaded[at]);
    if (packet?.kind !== 'tcp' || first === undefined || here === undefined) {
        return null;
    }
    return (packet.sequence + ((Number(here) - Number(first)) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

function heading(packet) {
    return h(
        'h3',
        null,
        packet.direction === 0 ? 'Request' : 'Reply',
        ': ',
        packetLabel(packet),
        packet.note ? h('span', {class: 'code-chip sev-warning'}, packet.note) : null,
    );
}

function sightings(model, detail, packet) {
    const first = packet.sightings[0];
    return h(
        'div',
        {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': 'Frames of the packet'},
        h(
            'table',
            {class: 'data'},
            h(
                'thead',
                null,
                h(
                    'tr',
                    null,
                    ['Point', 'Tuple of the leg', 'File', 'Frame', 'Time there (UTC)', 'After the first', 'Filter'].map(name =>
                        h('th', {scope: 'col'}, name),
                    ),
                ),
            ),
            h(
                'tbody',
                null,
                packet.sightings.map(sighting =>
                    h(
                        'tr',
                        null,
                        h('td', null, model.points[sighting.point].name),
                        h('td', null, h('code', null, detail.legs[sighting.leg].tuple.replace(' -> ', ' → '))),
                        h('td', null, sighting.file),
                        h('td', {class: 'number'}, count(sighting.number)),
                        h('td', {class: 'number'}, clockTime(model.stamped(sighting.point, sighting.time), 9)),
                        h('td', {class: 'number'}, sighting === first ? '' : hopTime(model, first, sighting)),
                        h(
                            'td',
                            null,
                            h('code', null, frameFilter([sighting.number])),
                            copyButton(frameFilter([sighting.number]), 'Copy'),
                        ),
                    ),
                ),
            ),
        ),
    );
}

function hopTime(model, first, sighting) {
    const difference = model.clockDifference(first.point, sighting.point);
    return difference === null ? 'clock unknown' : uncertain(sighting.at - first.at, difference.uncertainty);
}
