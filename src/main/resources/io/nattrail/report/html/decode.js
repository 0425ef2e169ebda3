// The embedded data: base64 of zlib streams of JSON, in script elements that the browser does not run.

/** Whether this browser can unpack the data. */
export function canInflate() {
    return typeof DecompressionStream === 'function';
}

/** The JSON in one element. */
export async function inflate(id) {
    const element = document.getElementById(id);
    const text = atob(element.textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
        bytes[i] = text.charCodeAt(i);
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return JSON.parse(await new Response(stream).text());
}

/** Rows of one block of columns, as objects. */
export function rowsOf(block) {
    const texts = block.texts;
    const named = index => (index < 0 ? null : texts[index]);
    const column = name => {
        const addresses = block[name];
        const ports = block[name + 'Port'];
        return i => (addresses[i] < 0 ? null : endpointText(texts[addresses[i]], ports[i]));
    };
    const client = column('client');
    const service = column('service');
    const clusterIp = column('clusterIp');
    const source = column('source');
    const destination = column('destination');
    const endpoint = column('endpoint');
    const rows = [];
    let id = 0;
    let start = 0;
    for (let i = 0; i < block.id.length; i++) {
        id += block.id[i];
        start += block.start[i];
        rows.push({
            id,
            start,
            duration: block.duration[i],
            verdict: block.verdict[i],
            path: named(block.path[i]),
            protocol: named(block.protocol[i]),
            client: client(i),
            service: service(i),
            clusterIp: clusterIp(i),
            serviceName: named(block.serviceName[i]),
            entryNode: named(block.entryNode[i]),
            source: source(i),
            destination: destination(i),
            endpoint: endpoint(i),
            pod: named(block.pod[i]),
            node: named(block.node[i]),
            local: block.local[i] < 0 ? null : block.local[i] === 1,
            failedStep: named(block.failedStep[i]),
            codes: named(block.codes[i]) ?? '',
            packets: block.packets[i],
            requestBytes: block.requestBytes[i],
            replyBytes: block.replyBytes[i],
            trail: block.trail[i] === 1,
            search: null,
        });
    }
    return rows;
}

function endpointText(address, port) {
    return (address.includes(':') ? '[' + address + ']' : address) + ':' + port;
}

/** Frames of one flow: numbers and times stand as differences within their point. */
class FrameReader {
    constructor(texts) {
        this.texts = texts;
        this.last = new Map();
    }

    read(point, file, number, time) {
        const before = this.last.get(point) ?? {number: 0, time: 0};
        const now = {point, number: before.number + number, time: before.time + time, file: this.texts[file]};
        this.last.set(point, now);
        return now;
    }
}

/**
 * One flow of a block of details. What flows of the same course have in common stands in the block once, what is a flow's own in its
 * values: both lists are walked along in the order in which they were written.
 */
export function detailOf(block, id) {
    const flow = block.flows.find(candidate => candidate.id === id);
    const texts = block.texts;
    const named = index => (index === null || index === undefined || index < 0 ? null : texts[index]);
    const walk = numbers => {
        let at = 0;
        return () => numbers[at++];
    };
    const common = walk(block.courses[flow.course]);
    const own = walk(flow.values);
    const many = read => Array.from({length: common()}, read);
    const frames = new FrameReader(texts);
    const frame = () => {
        const point = common();
        return point < 0 ? null : frames.read(point, common(), own(), own());
    };
    const tuple = () => flow.tuples[common()] ?? null;
    const valueIfKnown = () => (common() === 1 ? own() : null);

    // An object's properties are evaluated in the order in which they stand.
    const confidence = Number(texts[common()]);
    const matchedBy = many(() => named(common()));
    const legs = many(() => ({
        point: common(),
        tuple: tuple(),
        relation: named(common()),
        history: named(own()),
        requestPackets: own(),
        replyPackets: own(),
        first: frame(),
        last: frame(),
    }));
    const steps = many(() => ({
        number: named(common()),
        title: named(common()),
        tuple: tuple(),
        status: common(),
        reason: named(common()),
        packets: own(),
        latency: valueIfKnown(),
        uncertainty: valueIfKnown(),
        evidence: many(frame),
    }));
    const hops = many(() => {
        const hop = {from: common(), to: common(), direction: common()};
        const smooth = common() === 1;
        hop.sent = own();
        hop.least = own();
        hop.median = own();
        hop.most = own();
        hop.delivered = smooth ? hop.sent : own();
        for (const trouble of ['lost', 'hidden', 'duplicated', 'reordered', 'altered']) {
            hop[trouble] = smooth ? 0 : own();
        }
        hop.lostFrames = many(frame);
        // Nothing came of what follows on this way, whatever was captured there.
        hop.lostAll = hop.delivered === 0 && hop.lost > 0 && hop.hidden === 0;
        return hop;
    });
    const packets = many(() => [common(), own(), own()]);
    const deviations = (flow.deviations ?? []).map(item => ({
        code: named(item[0]),
        severity: item[1],
        step: named(item[2]),
        point: named(item[3]),
        message: item[4],
        evidence: item[5].map(parts => frames.read(...parts)),
        consequences: item[6].map(named),
        remedy: named(item[7]),
    }));
    return {
        id,
        told: named(flow.told),
        undetermined: named(flow.undetermined),
        confidence,
        matchedBy,
        legs,
        steps,
        deviations,
        hops,
        packets,
    };
}

/** The packets of one flow; {omitted: n} stands for packets that were left out. */
export function trailOf(block, id) {
    const flow = block.flows.find(candidate => candidate.id === id);
    const last = new Map();
    const packets = flow.trail.map(packet => {
        if (typeof packet === 'number') {
            return {omitted: packet};
        }
        const sightings = packet.slice(7).map(([leg, number, time, file]) => {
            const before = last.get(leg) ?? {number: 0, time: 0, file: null};
            const now = {
                leg,
                number: before.number + number,
                time: before.time + time,
                file: file === undefined ? before.file : block.texts[file],
            };
            last.set(leg, now);
            return now;
        });
        return {
            direction: packet[0],
            kind: block.texts[packet[1]],
            flags: packet[2],
            sequence: packet[3],
            acknowledgment: packet[4],
            length: packet[5],
            note: block.texts[packet[6]],
            sightings,
        };
    });
    return {total: flow.total, packets};
}

/** One frame of a block of frames: its bytes as far as they are kept, and its layers. */
export function frameOf(block, index) {
    const [captured, original, linkType, encoded, ...layers] = block.frames[index];
    const text = atob(encoded);
    const field = ([name, value, start, length, ...parts]) => ({
        name: block.texts[name],
        value: block.texts[value],
        start,
        length,
        children: parts.map(field),
    });
    return {
        captured,
        original,
        linkType: block.texts[linkType],
        bytes: Uint8Array.from(text, character => character.charCodeAt(0)),
        layers: layers.map(([name, summary, start, length, problem, ...fields]) => ({
            name: block.texts[name],
            summary,
            start,
            length,
            problem: problem === null ? null : block.texts[problem],
            fields: fields.map(field),
        })),
    };
}
