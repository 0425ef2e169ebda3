// The captures: windows on one time line, clocks, files, damage.
import {h, svg} from './dom.js';
import {count, dateTime, duration, plural, size, uncertain} from './format.js';
import {severityTag} from './overview.js';

export function captures(model) {
    return h(
        'div',
        null,
        h('h1', {class: 'view-title'}, 'Captures'),
        notes(model),
        windows(model),
        clocks(model),
        files(model),
        damage(model),
        caseFindings(model),
    );
}

function notes(model) {
    return model.notes.length
        ? h(
              'section',
              {'aria-labelledby': 'notes-title'},
              h('h2', {id: 'notes-title'}, 'Remarks'),
              h(
                  'ul',
                  {class: 'plain-list'},
                  model.notes.map(note => h('li', null, note)),
              ),
          )
        : null;
}

function windows(model) {
    const bars = model.points.flatMap((point, i) =>
        point.files
            .filter(file => file.first !== null)
            .map(file => ({point, file, from: model.aligned(i, file.first), to: model.aligned(i, file.last)})),
    );
    if (bars.length === 0) {
        return null;
    }
    const least = Math.min(...bars.map(bar => bar.from));
    const most = Math.max(...bars.map(bar => bar.to));
    const rows = model.points.filter(point => bars.some(bar => bar.point === point));
    const ends = rows
        .map(point => bars.filter(bar => bar.point === point))
        .map(list => [Math.min(...list.map(bar => bar.from)), Math.max(...list.map(bar => bar.to))]);
    const common = [Math.max(...ends.map(end => end[0])), Math.min(...ends.map(end => end[1]))];
    const width = 1200;
    const left = 170;
    const x = time => left + ((time - least) / (most - least || 1)) * (width - left - 20);
    const height = rows.length * 34 + 40;
    const shared = common[1] > common[0];
    return h(
        'section',
        {'aria-labelledby': 'windows-title'},
        h('h2', {id: 'windows-title'}, 'When each point captured'),
        h('p', {class: 'quiet'}, shared ? `All points share ${duration(common[1] - common[0])}.` : 'The points share no time.'),
        h(
            'div',
            {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': 'Windows of the captures'},
            svg(
                'svg',
                {
                    viewBox: `0 0 ${width} ${height}`,
                    class: 'windows',
                    role: 'img',
                    'aria-label': rows
                        .map((point, i) => `${point.name} from ${duration(ends[i][0] - least)} to ${duration(ends[i][1] - least)}`)
                        .join('; '),
                },
                shared
                    ? svg('rect', {
                          x: x(common[0]),
                          y: 4,
                          width: Math.max(1, x(common[1]) - x(common[0])),
                          height: rows.length * 34,
                          class: 'w-common',
                      })
                    : null,
                ...rows.map((point, i) => svg('text', {x: left - 12, y: i * 34 + 25, class: 'w-name'}, point.name)),
                ...bars.map(bar =>
                    svg(
                        'rect',
                        {
                            x: x(bar.from),
                            y: rows.indexOf(bar.point) * 34 + 11,
                            height: 18,
                            rx: 2,
                            width: Math.max(2, x(bar.to) - x(bar.from)),
                            class: bar.file.damage.length ? 'w-bar w-damaged' : 'w-bar',
                        },
                        svg('title', null, `${bar.file.file}: ${plural(bar.file.packets, 'packet')}`),
                    ),
                ),
                svg('text', {x: left, y: height - 8, class: 'tick'}, dateTime(model.absolute(least), 3)),
                svg('text', {x: width - 20, y: height - 8, class: 'tick t-end'}, dateTime(model.absolute(most), 3)),
            ),
        ),
    );
}

function clocks(model) {
    return h(
        'section',
        {'aria-labelledby': 'clocks-title'},
        h('h2', {id: 'clocks-title'}, 'Clocks'),
        table(
            'Clocks',
            [
                'Point',
                'Kind',
                'Node',
                'Ahead of the reference',
                'At least',
                'At most',
                'Drift',
                'Quality',
                'How the point was concluded',
            ],
            model.points.map(point => [
                point.name,
                (point.role ?? '').toLowerCase().replace('_', ' '),
                point.node ?? '',
                point.clock.reference
                    ? 'reference'
                    : point.clock.offset === null
                      ? 'unknown'
                      : uncertain(point.clock.offset, point.clock.uncertainty),
                point.clock.reference ? '' : duration(point.clock.least) || 'unbounded',
                point.clock.reference ? '' : duration(point.clock.most) || 'unbounded',
                point.clock.offset === null ? '' : point.clock.drift ? point.clock.drift.toFixed(3) + ' ppm' : '0',
                point.clock.quality ?? '',
                point.concluded ?? '',
            ]),
        ),
    );
}

function files(model) {
    return h(
        'section',
        {'aria-labelledby': 'files-title'},
        h('h2', {id: 'files-title'}, 'Files'),
        table(
            'Files',
            [
                'Point',
                'File',
                'Format',
                'Links',
                'Packets',
                'Captured',
                'On the wire',
                'Snap length',
                'Dropped',
                'First packet',
                'Span',
            ],
            model.points.flatMap((point, i) =>
                point.files.map(file => [
                    point.name,
                    file.file,
                    file.format + (file.compression && file.compression !== 'none' ? ' in ' + file.compression : ''),
                    file.linkTypes.join(', '),
                    count(file.packets),
                    size(file.capturedBytes),
                    size(file.wireBytes),
                    file.snapLength === null ? '' : count(file.snapLength),
                    file.dropped === null ? 'not told' : count(file.dropped),
                    file.first === null ? '' : dateTime(model.stamped(i, file.first), 6),
                    file.first === null ? '' : duration(file.last - file.first),
                ]),
            ),
            [4, 5, 6, 7, 8, 10],
        ),
        h(
            'p',
            {class: 'quiet'},
            model.points
                .filter(point => point.copies || point.otherPackets)
                .map(
                    point =>
                        `${point.name}: ${[
                            point.copies
                                ? plural(point.copies, 'copy').replace('copys', 'copies') + ' made by capturing, folded'
                                : '',
                            point.otherPackets ? plural(point.otherPackets, 'packet') + ' of other traffic' : '',
                        ]
                            .filter(Boolean)
                            .join(', ')}. `,
                ),
        ),
    );
}

function damage(model) {
    const list = model.points.flatMap(point =>
        point.files.flatMap(file =>
            file.damage.map(item => [file.file, count(item.offset), count(item.frame), item.kind, item.lost]),
        ),
    );
    return h(
        'section',
        {'aria-labelledby': 'damage-title'},
        h('h2', {id: 'damage-title'}, 'Damage'),
        list.length
            ? table('Damage', ['File', 'Byte', 'Frame', 'Kind', 'Lost'], list, [1, 2])
            : h('p', {class: 'quiet'}, 'All files are sound.'),
    );
}

function caseFindings(model) {
    return model.deviations.length
        ? h(
              'section',
              {'aria-labelledby': 'coverage-title'},
              h('h2', {id: 'coverage-title'}, 'What the captures can tell'),
              h(
                  'ul',
                  {class: 'plain-list'},
                  model.deviations.map(item =>
                      h(
                          'li',
                          {class: 'finding'},
                          severityTag(item.severity),
                          h('code', null, item.code),
                          item.point ? h('span', {class: 'chip'}, item.point) : null,
                          h(
                              'span',
                              {class: 'finding-text'},
                              item.message,
                              item.evidence.length
                                  ? h(
                                        'span',
                                        {class: 'quiet'},
                                        ' ' +
                                            item.evidence
                                                .slice(0, 4)
                                                .map(frame => `${frame[1]} #${frame[2]}`)
                                                .join(', '),
                                    )
                                  : null,
                          ),
                      ),
                  ),
              ),
          )
        : null;
}

/** A plain table of texts. */
export function table(label, heads, rows, numbers = []) {
    return h(
        'div',
        {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': label},
        h(
            'table',
            {class: 'data'},
            h(
                'thead',
                null,
                h(
                    'tr',
                    null,
                    heads.map((name, i) => h('th', {scope: 'col', class: numbers.includes(i) ? 'number' : null}, name)),
                ),
            ),
            h(
                'tbody',
                null,
                rows.map(row =>
                    h(
                        'tr',
                        null,
                        row.map((cell, i) => h('td', {class: numbers.includes(i) ? 'number' : null}, cell)),
                    ),
                ),
            ),
        ),
    );
}
