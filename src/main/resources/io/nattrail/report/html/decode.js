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

    read(frame) {
        if (frame === null) {
            return null;
        }
        const [point, number, time, file] = frame;
        const before = this.last.get(point) ?? {number: 0, time: 0, file: null};
        const now = {
            point,
            number: before.number + number,
            time: before.time + time,
            file: file === undefined ? before.file : this.texts[file],
        };
        this.last.set(point, now);
        return now;
    }

    all(frames) {
        return frames.map(frame => this.read(frame));
    }
}

/** One flow of a block of details. Must read in the order in which it was written. */
export function detailOf(block, id) {
    const flow = block.flows.find(candidate => candidate.id === id);
    const texts = block.texts;
    const named = index => (index === null || index === undefined ? null : texts[index]);
    const frames = new FrameReader(texts);
    const legs = flow.legs.map(leg => ({
        point: leg[0],
        tuple: leg[1],
        relation: named(leg[2]),
        history: named(leg[3]),
        requestPackets: leg[4],
        replyPackets: leg[5],
        first: frames.read(leg[6]),
        last: frames.read(leg[7]),
    }));
    const steps = flow.steps.map(step => ({
        number: named(step[0]),
        title: named(step[1]),
        tuple: step[2],
        status: step[3],
        packets: step[4],
        latency: step[5],
        uncertainty: step[6],
        reason: named(step[7]),
        evidence: frames.all(step[8]),
    }));
    const deviations = flow.deviations.map(item => ({
        code: named(item[0]),
        severity: item[1],
        step: named(item[2]),
        point: named(item[3]),
        message: item[4],
        evidence: frames.all(item[5]),
        consequences: item[6].map(named),
        remedy: named(item[7]),
    }));
    const hops = flow.hops.map(hop => ({
        from: hop[0],
        to: hop[1],
        direction: hop[2],
        sent: hop[3],
        delivered: hop[4],
        lost: hop[5],
        hidden: hop[6],
        duplicated: hop[7],
        reordered: hop[8],
        altered: hop[9],
        least: hop[10],
        median: hop[11],
        most: hop[12],
        lostFrames: frames.all(hop[13]),
        // Nothing came of what follows on this way, whatever was captured there.
        lostAll: hop[4] === 0 && hop[5] > 0 && hop[6] === 0,
    }));
    return {
        id,
        told: named(flow.told),
        undetermined: named(flow.undetermined),
        confidence: flow.confidence,
        matchedBy: flow.matchedBy.map(named),
        legs,
        steps,
        deviations,
        hops,
        packets: flow.packets,
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
