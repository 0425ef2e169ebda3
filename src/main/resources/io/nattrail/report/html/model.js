// The case: its head, all rows, and flows that are unpacked when they are looked at.
import {inflate, rowsOf, detailOf, trailOf} from './decode.js';

export class Case {
    constructor(head, rows) {
        Object.assign(this, head);
        this.rows = rows;
        this.byId = new Map(rows.map(row => [row.id, row]));
        this.startNanos = BigInt(head.start);
        this.points.forEach(point => {
            point.baseNanos = BigInt(point.base);
        });
        this.unpacked = new Map();
    }

    static async load() {
        const head = await inflate('head');
        const tables = head.blocks.map((block, i) => [block, i]).filter(([block]) => block[0].endsWith('rows'));
        const parts = await Promise.all(tables.map(([, i]) => inflate('block-' + i)));
        const rows = parts.flatMap(rowsOf).sort((a, b) => a.id - b.id);
        return new Case(head, rows);
    }

    /** Time of a frame on the case's clock, nanoseconds after its begin. */
    aligned(pointIndex, time) {
        const point = this.points[pointIndex];
        return time + point.shift - point.clock.drift * 1e-6 * time;
    }

    /** Time as the point's own clock had it, nanoseconds since 1970. */
    stamped(pointIndex, time) {
        return this.points[pointIndex].baseNanos + BigInt(Math.round(time));
    }

    /** Nanoseconds since 1970 of a time on the case's clock. */
    absolute(time) {
        return this.startNanos + BigInt(Math.round(time));
    }

    /** What a measured difference between two points' clocks has to be freed from; null if unknown. */
    clockDifference(from, to) {
        if (from === to) {
            return {offset: 0, uncertainty: 0};
        }
        const a = this.points[from].clock;
        const b = this.points[to].clock;
        if (a.offset === null || b.offset === null) {
            return null;
        }
        const known = a.uncertainty !== null && b.uncertainty !== null;
        return {offset: b.offset - a.offset, uncertainty: known ? a.uncertainty + b.uncertainty : null};
    }

    async detail(id) {
        const block = await this.block(['notable-details', 'details'], id);
        return block ? detailOf(block, id) : null;
    }

    async trail(id) {
        const block = await this.block(['notable-trails', 'trails'], id);
        return block ? trailOf(block, id) : null;
    }

    async block(kinds, id) {
        for (let i = 0; i < this.blocks.length; i++) {
            const [kind, first, last] = this.blocks[i];
            if (!kinds.includes(kind) || id < first || id > last) {
                continue;
            }
            if (!this.unpacked.has(i)) {
                if (this.unpacked.size > 24) {
                    this.unpacked.delete(this.unpacked.keys().next().value);
                }
                this.unpacked.set(i, await inflate('block-' + i));
            }
            const block = this.unpacked.get(i);
            if (block.flows.some(flow => flow.id === id)) {
                return block;
            }
        }
        return null;
    }
}

/** The codes of a row with their severities, the gravest first. */
export function codesOf(row) {
    return row.codes === '' ? [] : row.codes.split(' ').map(text => ({severity: Number(text[0]), code: text.slice(1)}));
}
