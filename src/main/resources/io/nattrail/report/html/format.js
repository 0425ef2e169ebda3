// Numbers as people read them. Times are nanoseconds.

export const VERDICTS = ['ok', 'degraded', 'failed', 'undetermined'];
export const STATUSES = ['observed', 'inferred', 'missing', 'not-applicable', 'not-captured'];
export const SEVERITIES = ['info', 'warning', 'error'];
/** A sign beside every colour, for those who do not see colours. */
export const SIGNS = {
    ok: '●',
    degraded: '▲',
    failed: '✕',
    undetermined: '?',
    info: 'i',
    warning: '▲',
    error: '✕',
    observed: '●',
    inferred: '◌',
    missing: '✕',
    'not-applicable': '–',
    'not-captured': '·',
};

const GROUPED = new Intl.NumberFormat('en-US');

export function count(value) {
    return GROUPED.format(value);
}

const SHORTENED = new Intl.NumberFormat('en-US', {notation: 'compact', maximumSignificantDigits: 3});

/** For places with little room: 33.5K. */
export function briefly(value) {
    return value < 10000 ? count(value) : SHORTENED.format(value);
}

export function plural(value, word) {
    return count(value) + ' ' + word + (value === 1 ? '' : 's');
}

/** Three figures and a unit: 152 µs, 1.02 s. */
export function duration(nanos) {
    if (nanos === null || nanos === undefined) {
        return '';
    }
    const size = Math.abs(nanos);
    if (size < 999.5) {
        return Math.round(nanos) + ' ns';
    }
    if (size < 999.5e3) {
        return figures(nanos / 1e3) + ' µs';
    }
    if (size < 999.5e6) {
        return figures(nanos / 1e6) + ' ms';
    }
    if (size < 120e9) {
        return figures(nanos / 1e9) + ' s';
    }
    const seconds = Math.round(size / 1e9);
    const parts =
        seconds < 7200
            ? [Math.floor(seconds / 60) + ' min', (seconds % 60) + ' s']
            : seconds < 172800
              ? [Math.floor(seconds / 3600) + ' h', Math.floor((seconds % 3600) / 60) + ' min']
              : [Math.floor(seconds / 86400) + ' d', Math.floor((seconds % 86400) / 3600) + ' h'];
    return (nanos < 0 ? '-' : '') + parts.join(' ');
}

function figures(value) {
    const size = Math.abs(value);
    return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** A delay with what the clocks add to it. */
export function uncertain(nanos, plusMinus) {
    if (nanos === null || nanos === undefined) {
        return '';
    }
    return duration(nanos) + (plusMinus ? ' ± ' + duration(plusMinus) : '');
}

export function size(bytes) {
    if (bytes < 1000) {
        return bytes + ' B';
    }
    const units = ['kB', 'MB', 'GB', 'TB'];
    let value = bytes / 1000;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return figures(value) + ' ' + units[unit];
}

/** Time of day in UTC from nanoseconds since 1970 as a BigInt, to so many digits of the second. */
export function clockTime(nanos, digits = 6) {
    return dateTime(nanos, digits).slice(11, -1);
}

/** Date and time in UTC as ISO 8601. */
export function dateTime(nanos, digits = 9) {
    const second = 1000000000n;
    let fraction = nanos % second;
    if (fraction < 0n) {
        fraction += second;
    }
    const whole = new Date(Number((nanos - fraction) / 1000000n));
    if (Number.isNaN(whole.getTime())) {
        return String(nanos) + ' ns';
    }
    const text = whole.toISOString().slice(0, 19);
    return text + (digits ? '.' + String(fraction).padStart(9, '0').slice(0, digits) : '') + 'Z';
}

/** A time inside a flow, from its begin: +1.204 ms. */
export function since(nanos) {
    const sign = nanos < 0 ? '-' : '+';
    const size = Math.abs(nanos);
    return sign + (size < 1e9 ? (size / 1e6).toFixed(3) + ' ms' : (size / 1e9).toFixed(6) + ' s');
}

const FLAGS = [
    [2, 'SYN'],
    [1, 'FIN'],
    [4, 'RST'],
    [8, 'PSH'],
    [16, 'ACK'],
    [32, 'URG'],
    [64, 'ECE'],
    [128, 'CWR'],
];

export function tcpFlags(flags) {
    return (
        FLAGS.filter(([bit]) => flags & bit)
            .map(([, name]) => name)
            .join(' ') || 'none'
    );
}

/** A point's name is shown as the node it is on, where that is known. */
export function nodeTitle(name) {
    return name ? name.replace(/^node-?(\d+)$/, 'Node-$1') : 'Node';
}
