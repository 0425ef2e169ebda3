// Display filters for Wireshark.

const PORTS = {tcp: 'tcp.port', udp: 'udp.port', sctp: 'sctp.port'};
const ECHO = {icmp: 'icmp.ident', icmpv6: 'icmpv6.echo.identifier'};

/** Finds one connection by its tuple 'A:p -> B:q'; packets that quote it in an ICMP error match too. */
export function tupleFilter(protocol, tuple) {
    const ends = tuple.split(' -> ').map(splitEndpoint);
    if (ends.length !== 2 || ends.includes(null)) {
        return null;
    }
    const parts = ends.map(end => (end.address.includes(':') ? 'ipv6.addr' : 'ip.addr') + ' == ' + end.address);
    if (PORTS[protocol]) {
        parts.push(...[...new Set(ends.map(end => end.port))].map(port => PORTS[protocol] + ' == ' + port));
    } else if (ECHO[protocol]) {
        parts.push(ECHO[protocol] + ' == ' + ends[0].port);
    }
    return [...new Set(parts)].join(' && ');
}

export function splitEndpoint(text) {
    const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
    return match ? {address: match[1] ?? match[2], port: Number(match[3])} : null;
}

/** Finds frames by their numbers. */
export function frameFilter(numbers) {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    return sorted.length === 1 ? 'frame.number == ' + sorted[0] : 'frame.number in {' + sorted.join(', ') + '}';
}

/** For each point of a flow the filter that shows it there. */
export function flowFilters(protocol, detail) {
    const byPoint = new Map();
    for (const leg of detail.legs) {
        const filter = tupleFilter(protocol, leg.tuple);
        if (filter && !(byPoint.get(leg.point) ?? []).includes(filter)) {
            byPoint.set(leg.point, [...(byPoint.get(leg.point) ?? []), filter]);
        }
    }
    return [...byPoint].map(([point, filters]) => ({
        point,
        filter: filters.length === 1 ? filters[0] : filters.map(filter => '(' + filter + ')').join(' || '),
    }));
}
