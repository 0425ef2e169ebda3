// The case: its head, all rows, and flows that are unpacked when they are looked at.
import {inflate, rowsOf, detailOf, trailOf, frameOf} from './decode.js';

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
        this.ordinals = new Map();
        for (const {point, file, numbers, ordinals} of head.dissected.files) {
            let number = 0;
            let ordinal = 0;
            numbers.forEach((difference, i) => {
                number += difference;
                ordinal += ordinals[i];
                this.ordinals.set(placeKey(point, file, number), ordinal);
            });
        }
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
            const block = await this.unpack(i);
            if (block.flows.some(flow => flow.id === id)) {
                return block;
            }
        }
        return null;
    }

    async unpack(i) {
        if (!this.unpacked.has(i)) {
            if (this.unpacked.size > 24) {
                this.unpacked.delete(this.unpacked.keys().next().value);
            }
            this.unpacked.set(i, inflate('block-' + i));
        }
        return this.unpacked.get(i);
    }

    /** Whether a frame {point, file, number} is held in full. */
    hasDissection(place) {
        const ordinal = this.ordinals.get(placeKey(place.point, place.file, place.number));
        return ordinal !== undefined && this.blocks.some(([kind, first, last]) => kind === 'frames' && ordinal >= first && ordinal <= last);
    }

    /** A frame in full, or null. */
    async dissection(place) {
        const ordinal = this.ordinals.get(placeKey(place.point, place.file, place.number));
        const i = this.blocks.findIndex(([kind, first, last]) => kind === 'frames' && ordinal >= first && ordinal <= last);
        return i < 0 ? null : frameOf(await this.unpack(i), ordinal - this.blocks[i][1]);
    }

    /** How many flows have a code at each step where it was gravest, in the order of the steps. */
    stepsOf(code) {
        if (!this.codeSteps) {
            this.codeSteps = new Map();
            for (const item of this.rows.flatMap(codesOf).filter(one => one.step !== null)) {
                const steps = this.codeSteps.get(item.code) ?? new Map();
                this.codeSteps.set(item.code, steps.set(item.step, (steps.get(item.step) ?? 0) + 1));
            }
        }
        return new Map([...(this.codeSteps.get(code) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
    }

    /** The choice of flows that a code at a step is: the step is named where it tells flows apart. */
    choiceOf(code, step) {
        return step && this.stepsOf(code).size > 1 ? code + '@' + step : code;
    }

    /** Why a frame is not held in full, as the end of a sentence. */
    whyAbsent(place) {
        const {files, limited, limit} = this.dissected;
        const part = files.find(candidate => candidate.point === place.point && candidate.file === place.file);
        if (this.ordinals.has(placeKey(place.point, place.file, place.number))) {
            return 'it was left out to keep the file below 25 MB';
        }
        if (part?.unread && place.number >= part.unreadFrom) {
            return part.unread;
        }
        return (
            'the report keeps the frames that prove something and those of a few healthy flows' +
            (limited ? `, ${limit.toLocaleString('en-US')} at most` : '')
        );
    }
}

const placeKey = (point, file, number) => point + '/' + file + '/' + number;

/** The codes of a row with their severities and the steps where they were gravest, the gravest first. */
export function codesOf(row) {
    return row.codes === ''
        ? []
        : row.codes.split(' ').map(text => {
              const [code, step] = text.slice(1).split('@');
              return {severity: Number(text[0]), code, step: step ?? null};
          });
}
