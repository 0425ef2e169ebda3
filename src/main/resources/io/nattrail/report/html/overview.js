// The first screen: verdict and root causes in words, the path, when it happened.
import {h, svg, copyButton} from './dom.js';
import {count, plural, dateTime, duration, clockTime, SEVERITIES, SIGNS, VERDICTS} from './format.js';
import {picture} from './picture.js';

/** A sign and a word for a verdict. */
export function verdictTag(verdict) {
    const name = VERDICTS[verdict];
    return h('span', {class: 'tag v-' + name}, h('span', {'aria-hidden': 'true', class: 'sign'}, SIGNS[name]), name);
}

export function severityTag(severity) {
    const name = SEVERITIES[severity];
    return h('span', {class: 'tag sev-' + name}, h('span', {'aria-hidden': 'true', class: 'sign'}, SIGNS[name]), name);
}

/** The verdict of the case in a sentence. */
export function headline(model) {
    const [ok, degraded, failed, undetermined] = model.verdicts;
    if (model.flows === 0) {
        return ['undetermined', 'No connection through a service was found'];
    }
    if (failed > 0) {
        const ended = model.paths.flatMap(path => path.groups.flatMap(group => group.steps.filter(step => step.failed > 0)));
        const steps = [...new Set(ended.map(step => step.number))].sort();
        const last = steps.pop();
        const where = steps.length ? ` at steps ${steps.join(', ')} and ${last}` : last ? ` at step ${last}` : '';
        return ['failed', `${count(failed)} of ${plural(model.flows, 'flow')} fail${failed === 1 ? 's' : ''}${where}`];
    }
    if (degraded > 0) {
        return [
            'degraded',
            `${count(degraded)} of ${plural(model.flows, 'flow')} ${degraded === 1 ? 'is' : 'are'} answered, but degraded`,
        ];
    }
    if (undetermined > 0) {
        return ['undetermined', `${count(undetermined)} of ${plural(model.flows, 'flow')} cannot be judged from these captures`];
    }
    return ['ok', ok === 1 ? 'The one flow is healthy' : `All ${count(ok)} flows are healthy`];
}

export function overview(model, open) {
    const [verdict, sentence] = headline(model);
    return h(
        'div',
        null,
        h(
            'section',
            {class: 'verdict v-' + verdict, 'aria-labelledby': 'verdict-title'},
            h('h1', {id: 'verdict-title'}, h('span', {class: 'sign', 'aria-hidden': 'true'}, SIGNS[verdict]), sentence),
            tally(model, open),
        ),
        causes(model, open),
        paths(model, open),
        timeline(model, open),
        caseDeviations(model),
        leftOut(model),
    );
}

function tally(model, open) {
    return h(
        'ul',
        {class: 'tally'},
        model.verdicts.map((value, i) =>
            h(
                'li',
                null,
                h(
                    'button',
                    {
                        type: 'button',
                        class: 'tally-button v-' + VERDICTS[i],
                        disabled: value === 0,
                        onclick: () => open({verdict: VERDICTS[i]}),
                    },
                    h('span', {class: 'tally-number'}, count(value)),
                    h(
                        'span',
                        {class: 'tally-word'},
                        h('span', {class: 'sign', 'aria-hidden': 'true'}, SIGNS[VERDICTS[i]]),
                        VERDICTS[i],
                    ),
                ),
            ),
        ),
    );
}

function causes(model, open) {
    if (model.rootCauses.length + model.unexplained.length === 0) {
        return null;
    }
    const shown = model.rootCauses.map(cause => known(model, open, cause));
    shown.splice(model.unexplainedRank, 0, ...model.unexplained.map(group => unexplained(model, group)));
    // Where the captures do not tell how the flows went, what was found in them caused nothing.
    const noun = model.verdicts[1] + model.verdicts[2] > 0 ? 'Root cause' : 'Finding';
    return h(
        'section',
        {'aria-labelledby': 'causes-title'},
        h('h2', {id: 'causes-title'}, shown.length === 1 ? noun : noun + 's'),
        h('ol', {class: 'causes'}, shown),
    );
}

/** A cause is told for each step where it strikes; what to do may be the same. */
const placeOf = cause => (cause.step ? `${cause.code} at step ${cause.step}` : cause.code);

function known(model, open, cause) {
    const type = model.codes[cause.code];
    const said = model.rootCauses.slice(0, model.rootCauses.indexOf(cause)).find(one => one.remedy && one.remedy === cause.remedy);
    const facts = [
        ['endpoint', cause.endpoints],
        ['node', cause.nodes],
        ['client', cause.clients],
    ].filter(([, list]) => list.length);
    return h(
        'li',
        {class: 'cause sev-' + cause.severity},
        h(
            'div',
            {class: 'cause-head'},
            severityTag(Math.max(0, SEVERITIES.indexOf(cause.severity))),
            cause.step ? h('span', {class: 'step-number'}, cause.step) : null,
            h('code', null, cause.code),
            h('span', {class: 'spacer'}),
            h(
                'button',
                {type: 'button', class: 'plain', onclick: () => open({code: model.choiceOf(cause.code, cause.step)})},
                plural(cause.flows, 'flow'),
            ),
        ),
        h('p', {class: 'cause-message'}, cause.message),
        said ? h('p', {class: 'cause-remedy'}, h('strong', null, 'Do: '), 'as for ', placeOf(said)) : remedy(cause.remedy),
        type && !said ? reasons(type) : null,
        h(
            'p',
            {class: 'quiet'},
            cause.flows > 0 ? `since ${clockTime(model.absolute(cause.since), 3)} UTC` : '',
            facts.map(
                ([word, list]) =>
                    ` · ${word}${list.length > 1 ? 's' : ''} ${list.slice(0, 4).join(', ')}${list.length > 4 ? ', …' : ''}`,
            ),
            cause.flowIds.length
                ? [
                      ' · for example ',
                      cause.flowIds
                          .slice(0, 4)
                          .map((id, i) => [i ? ', ' : '', h('a', {href: '#flow/' + id}, 'flow ' + id)]),
                  ]
                : null,
        ),
    );
}

/** Failed flows of which no finding says why: what the verdict knows. */
function unexplained(model, group) {
    return h(
        'li',
        {class: 'cause sev-error'},
        h(
            'div',
            {class: 'cause-head'},
            verdictTag(VERDICTS.indexOf('failed')),
            group.step ? h('span', {class: 'step-number'}, group.step) : null,
            h('span', {class: 'spacer'}),
            h('a', {href: '#flow/' + group.firstFlow, class: 'plain'}, plural(group.flows, 'flow')),
        ),
        h('p', {class: 'cause-message'}, group.message),
    );
}

/** What to do about a finding. */
export function remedy(text) {
    return h('div', {class: 'cause-remedy'}, h('strong', null, 'Do: '), withCommands(text));
}

/** A text of the catalogue; each command in it on a line of its own, to be copied. A word or an option stays in its sentence. */
function withCommands(text) {
    const pieces = text.split('`');
    const isCommand = i => i % 2 === 1 && /^[^-].* /.test(pieces[i]);
    return pieces.map((piece, i) => {
        if (isCommand(i)) {
            return h('div', {class: 'command'}, h('code', null, piece), copyButton(piece, 'Copy'));
        }
        if (i % 2 === 1) {
            return h('code', null, piece);
        }
        // What joined it to a command is not needed beside a line of its own.
        let said = i > 0 && isCommand(i - 1) ? piece.replace(/^[.,;:]+(?=\s|$)/, '') : piece;
        if (i > 0 && isCommand(i - 1) && pieces[i - 2].endsWith('(')) {
            said = said.replace(')', '').replace(/^[.,;:]+(?=\s|$)/, '');
        }
        return i + 1 < pieces.length && isCommand(i + 1) ? said.replace(/\($/, '') : said;
    });
}

/** What a code means, for whoever wants to know more. */
export function reasons(type) {
    return h(
        'details',
        {class: 'reasons'},
        h('summary', null, 'Causes and checks'),
        h('p', null, type.wire),
        h('h3', null, 'Likely causes'),
        h(
            'ol',
            null,
            type.causes.map(cause => h('li', null, cause)),
        ),
        h('h3', null, 'Check'),
        h(
            'ol',
            null,
            type.checks.map(check => h('li', null, withCommands(check))),
        ),
        type.references.length
            ? [
                  h('h3', null, 'References'),
                  h(
                      'ul',
                      null,
                      type.references.map(reference => h('li', null, reference)),
                  ),
              ]
            : null,
    );
}

function paths(model, open) {
    const list = [...model.paths].sort(
        (a, b) =>
            b.verdicts[2] - a.verdicts[2] ||
            b.verdicts[1] - a.verdicts[1] ||
            b.verdicts.reduce((x, y) => x + y) - a.verdicts.reduce((x, y) => x + y),
    );
    if (list.length === 0) {
        return null;
    }
    const stage = h('div', null);
    const buttons = list.map(path =>
        h(
            'button',
            {type: 'button', class: 'segment', 'aria-pressed': 'false', onclick: () => show(path)},
            `${path.name} `,
            h('span', {class: 'quiet'}, count(path.verdicts.reduce((a, b) => a + b))),
        ),
    );
    const show = path => {
        buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(list[i] === path)));
        stage.replaceChildren(picture(model, path, filter => open({path: list.length > 1 ? path.name : undefined, ...filter})));
    };
    show(list[0]);
    return h(
        'section',
        {'aria-labelledby': 'path-title'},
        h(
            'div',
            {class: 'section-head'},
            h('h2', {id: 'path-title'}, 'The path'),
            list.length > 1
                ? h('div', {class: 'segments', role: 'group', 'aria-label': 'Path'}, buttons)
                : h('span', {class: 'quiet'}, list[0].name),
        ),
        stage,
        h(
            'p',
            {class: 'legend'},
            'Numbers are steps, with the flows that reached them. ',
            h('span', {class: 'key key-solid'}),
            'seen in a capture ',
            h('span', {class: 'key key-dashed'}),
            'concluded from packets before and after',
        ),
    );
}

/** How many flows began when, by verdict. */
function timeline(model, open) {
    const rows = model.rows;
    if (rows.length < 2) {
        return null;
    }
    let least = Infinity;
    let most = -Infinity;
    for (const row of rows) {
        least = Math.min(least, row.start);
        most = Math.max(most, row.start);
    }
    if (most - least <= 0) {
        return null;
    }
    const bins = Math.min(120, Math.max(30, Math.ceil(rows.length / 3)));
    const counts = Array.from({length: bins}, () => [0, 0, 0, 0]);
    for (const row of rows) {
        counts[Math.min(bins - 1, Math.floor(((row.start - least) / (most - least)) * bins))][row.verdict]++;
    }
    const peak = Math.max(...counts.map(bin => bin.reduce((a, b) => a + b)));
    const width = 1200;
    const height = 56;
    const bars = [];
    counts.forEach((bin, i) => {
        let y = height;
        [0, 3, 1, 2].forEach(verdict => {
            if (bin[verdict]) {
                const size = Math.max(1.5, (bin[verdict] / peak) * height);
                y -= size;
                bars.push(
                    svg('rect', {
                        x: (i * width) / bins,
                        y,
                        width: width / bins - 1,
                        height: size,
                        class: 'fill-' + VERDICTS[verdict],
                    }),
                );
            }
        });
    });
    return h(
        'section',
        {'aria-labelledby': 'time-title'},
        h('h2', {id: 'time-title'}, 'When flows began'),
        svg(
            'svg',
            {
                viewBox: `0 0 ${width} ${height}`,
                class: 'histogram',
                preserveAspectRatio: 'none',
                role: 'img',
                'aria-label': `${plural(rows.length, 'flow')} over ${duration(most - least)}, by verdict`,
            },
            ...bars,
        ),
        h(
            'div',
            {class: 'axis'},
            h('span', null, dateTime(model.absolute(least), 3)),
            h('span', null, duration(most - least)),
            h('span', null, dateTime(model.absolute(most), 3)),
        ),
    );
}

function caseDeviations(model) {
    if (model.deviations.length === 0) {
        return null;
    }
    return h(
        'section',
        {'aria-labelledby': 'case-title'},
        h('h2', {id: 'case-title'}, 'About the captures'),
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
                    h('span', {class: 'finding-text'}, item.message),
                ),
            ),
        ),
    );
}

/** What the file does not hold, so that nobody looks for it. */
export function leftOut(model) {
    const missing = [];
    const rows = model.leftOut['notable-rows'] + model.leftOut.rows;
    const details = model.leftOut['notable-details'] + model.leftOut.details;
    const trails = model.leftOut['notable-trails'] + model.leftOut.trails;
    if (rows) {
        missing.push(`the table rows of ${plural(rows, 'flow')}`);
    }
    if (details) {
        missing.push(`the steps of ${plural(details, 'flow')}`);
    }
    if (trails) {
        missing.push(`the packets of ${plural(trails, 'flow')}`);
    }
    if (model.leftOut.frames) {
        missing.push(`${plural(model.leftOut.frames, 'frame')} in full`);
    }
    const size = missing.length
        ? h(
              'p',
              {class: 'quiet'},
              'Left out, so that the file stays below 25 MB: ',
              missing.join(', '),
              '. report.json and the CSV files have every flow.',
          )
        : null;
    const sample = model.leftOut['no-trail']
        ? h(
              'p',
              {class: 'quiet'},
              `Packets one by one are kept for flows with deviations and a sample of the rest: ` +
                  `not for ${plural(model.leftOut['no-trail'], 'flow')}.`,
          )
        : null;
    const frames = model.dissected.limited
        ? h(
              'p',
              {class: 'quiet'},
              `More than ${count(model.dissected.limit)} frames matter; so many are held in full, those of the first flows of every ` +
                  'finding before others.',
          )
        : null;
    const unread = model.dissected.files.filter(part => part.unread);
    const withheld = unread.length
        ? h('p', {class: 'quiet'}, 'Not held in full: frames of ', unread.map(part => `${part.file} (${part.unread})`).join(', '), '.')
        : null;
    return size || sample || frames || withheld ? h('div', {class: 'left-out'}, size, sample, frames, withheld) : null;
}
