// What was dropped or picked: which files, what each looks like, and which point its name tells.

// As the analysis reads names: first the endings of formats, compression and rotation go, then what is left is a point or is not.
const ENDING =
    /(\.(pcapng|pcap|cap|dmp|ntar|gz|zst|zstd|lz4|[0-9]+|(pcapng|pcap|cap)[0-9]+)|[-_.]?[0-9]{5}_[0-9]{14})$/;
const ROTATION = /[-_.][0-9][0-9tz_:.-]*$/;
const TIME = new RegExp(
    '[0-9]{7,}|[0-9]{4}-[0-9]{2}-[0-9]{2}|(?<![0-9])(([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]' +
        '|[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01]))(?![0-9])',
    'g',
);
const DEVICE =
    'any|(cbr|cni|docker|virbr)[0-9]+|br[-0-9a-z]*|(eth|ens|enp|eno|en|wlan|bond|team)[0-9a-z]*|(veth|azv|cali|lxc|pod).*';
const POINT = new RegExp('^(client(-[a-z0-9]+)*|pod(-[a-z0-9-]+)?|node[-_]?[0-9]+[-_](' + DEVICE + '))$');
const STATE = /\.(json|ya?ml|conntrack|conntrack-events|iptables-save|nft|ipvsadm|txt|log)(\.(gz|zst|lz4))?$/;
const ARCHIVE = /\.(tar|tgz|tar\.(gz|zst|lz4|xz|bz2)|zip)$/;
const MAGICS = [
    ['d4c3b2a1', 'capture', 'pcap'],
    ['a1b2c3d4', 'capture', 'pcap'],
    ['4d3cb2a1', 'capture', 'pcap'],
    ['a1b23c4d', 'capture', 'pcap'],
    ['34cdb2a1', 'capture', 'pcap'],
    ['a1b2cd34', 'capture', 'pcap'],
    ['0a0d0d0a', 'capture', 'pcapng'],
    ['1f8b', 'compressed', 'gzip'],
    ['28b52ffd', 'compressed', 'zstd'],
    ['04224d18', 'compressed', 'lz4'],
    ['504b0304', 'archive', 'zip'],
];
export const POINT_RULE = '[a-z][a-z0-9_\\-]{0,39}';

/** The point that a file's name tells, or an empty text. */
export function guessPoint(name) {
    let rest = name.toLowerCase();
    while (ENDING.test(rest) && rest.search(ENDING) > 0) {
        rest = rest.replace(ENDING, '');
    }
    rest = rest.replaceAll(' ', '-');
    const shorter = rest.replace(ROTATION, '');
    const time = [...rest.matchAll(TIME)].find(one => one.index >= shorter.length);
    const upToTime = time ? rest.slice(0, time.index).replace(/[-_.]+$/, '') : rest;
    return [upToTime, shorter].find(one => POINT.test(one)) ?? '';
}

/** Looks at the first bytes, as the analysis does; the name decides only what the bytes leave open. */
async function kindOf(file) {
    const head = [...new Uint8Array(await file.slice(0, 4).arrayBuffer())]
        .map(b => b.toString(16).padStart(2, '0'))
        .join('');
    const magic = MAGICS.find(([bytes]) => head.startsWith(bytes));
    const name = file.name.toLowerCase();
    const nothing = file.size === 0 ? 'empty' : '';
    if (magic && magic[1] !== 'compressed') {
        return {kind: magic[1], format: magic[2]};
    }
    if (ARCHIVE.test(name)) {
        return {kind: 'archive', format: magic ? magic[2] : 'tar'};
    }
    if (STATE.test(name)) {
        return {kind: 'state', format: nothing};
    }
    return magic ? {kind: 'capture', format: magic[2]} : {kind: 'unknown', format: nothing};
}

/** What the page knows of a file before it is sent. */
export async function describe(file) {
    const {kind, format} = await kindOf(file);
    const guess = kind === 'capture' ? guessPoint(file.name) : '';
    return {file, kind, format, guess, point: guess};
}

/** All files of a drop, those in folders too; and the folder's name if a single one was dropped. */
export async function dropped(transfer) {
    const entries = [...transfer.items]
        .filter(item => item.kind === 'file')
        .map(item => item.webkitGetAsEntry?.() ?? null);
    if (entries.length === 0 || entries.includes(null)) {
        return {files: [...transfer.files], folder: ''};
    }
    const files = [];
    for (const entry of entries) {
        await collect(entry, files);
    }
    return {files, folder: entries.length === 1 && entries[0].isDirectory ? entries[0].name : ''};
}

async function collect(entry, files) {
    if (entry.isFile) {
        files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
        return;
    }
    const reader = entry.createReader();
    for (;;) {
        // A reader gives a hundred entries at a time, and none at the end.
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) {
            return;
        }
        for (const inner of some.filter(one => !one.name.startsWith('.'))) {
            await collect(inner, files);
        }
    }
}

/** Bytes as people read them. */
export function size(bytes) {
    let value = bytes;
    let unit = -1;
    while (value >= 999.5 && unit < 3) {
        value /= 1024;
        unit++;
    }
    return unit < 0 ? bytes + '\u00a0bytes' : value.toFixed(value < 9.95 ? 1 : 0) + '\u00a0' + 'KMGT'[unit] + 'B';
}
