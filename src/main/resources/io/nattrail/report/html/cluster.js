// Everything that is known of the cluster, and from where.
import {h} from './dom.js';
import {plural} from './format.js';

const TITLES = {
    node: 'Nodes',
    service: 'Services',
    endpoint: 'Endpoints',
    'pod-cidr': 'Pod CIDRs',
    'masquerade-address': 'Masquerade addresses',
};
const LISTED = 500;

export function cluster(model) {
    const kinds = [...new Set([...Object.keys(TITLES), ...model.cluster.map(fact => fact[0])])];
    const origin = {told: 'told by the cluster', inferred: 'inferred from packets'};
    return h(
        'div',
        null,
        h('h1', {class: 'view-title'}, 'The cluster'),
        model.cluster.length === 0 ? h('p', {class: 'quiet'}, 'Nothing is known of the cluster.') : null,
        h(
            'div',
            {class: 'cluster'},
            kinds.map(kind => {
                const facts = model.cluster.filter(fact => fact[0] === kind);
                return facts.length === 0
                    ? null
                    : h(
                          'section',
                          {'aria-labelledby': 'cluster-' + kind},
                          h('h2', {id: 'cluster-' + kind}, TITLES[kind] ?? kind),
                          h(
                              'div',
                              {class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': TITLES[kind] ?? kind},
                              h(
                                  'table',
                                  {class: 'data'},
                                  h(
                                      'thead',
                                      null,
                                      h(
                                          'tr',
                                          null,
                                          ['Name', 'Value', 'Known from'].map(name => h('th', {scope: 'col'}, name)),
                                      ),
                                  ),
                                  h(
                                      'tbody',
                                      null,
                                      facts
                                          .slice(0, LISTED)
                                          .map(fact =>
                                              h(
                                                  'tr',
                                                  null,
                                                  h('td', null, fact[1]),
                                                  h('td', null, h('code', null, fact[2])),
                                                  h(
                                                      'td',
                                                      null,
                                                      h(
                                                          'span',
                                                          {class: 'origin o-' + (fact[3] === 'told' ? 'told' : 'inferred')},
                                                          origin[fact[3]] ?? fact[3],
                                                      ),
                                                  ),
                                              ),
                                          ),
                                  ),
                              ),
                          ),
                          facts.length > LISTED
                              ? h('p', {class: 'quiet'}, `and ${plural(facts.length - LISTED, 'more')}: report.json has all.`)
                              : null,
                      );
            }),
        ),
    );
}
