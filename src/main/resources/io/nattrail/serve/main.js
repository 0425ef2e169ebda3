// The page of nattrail serve: a form for new cases, and the list of those that are there.
import {h, put} from './dom.js';
import {themeButton} from './theme.js';
import {info, listCases, logIn, logOut} from './api.js';
import {UploadForm} from './upload.js';
import {CaseList} from './cases.js';

const BUSY_MILLIS = 400;
const QUIET_MILLIS = 4000;
const say = text => {
    document.getElementById('say').textContent = text;
};

function header(told) {
    put(
        document.getElementById('top'),
        h(
            'div',
            {class: 'brand'},
            h('span', {class: 'brand-mark', 'aria-hidden': 'true'}),
            h('h1', {class: 'brand-name'}, 'NatTrail'),
            h('span', {class: 'case-name'}, 'where connections to a Kubernetes service break'),
        ),
        h(
            'div',
            {class: 'top-end'},
            told && h('span', {class: 'version quiet'}, 'version ' + told.version),
            h('a', {href: '/openapi.yaml', class: 'api-link'}, 'API'),
            told?.token &&
                h(
                    'button',
                    {type: 'button', class: 'plain', onclick: () => logOut().then(() => location.reload())},
                    'Log out',
                ),
            themeButton(),
        ),
    );
}

/** Asks for the token, once; gives back when it was right. */
function askToken(problem) {
    return new Promise(resolve => {
        const input = h('input', {type: 'password', class: 'field', id: 'token', autocomplete: 'current-password'});
        const wrong = h('div', {role: 'alert'});
        const form = h(
            'form',
            {class: 'buttons'},
            h('label', {for: 'token'}, 'Token'),
            input,
            h('button', {type: 'submit', class: 'primary'}, 'Log in'),
        );
        form.addEventListener('submit', async event => {
            event.preventDefault();
            try {
                await logIn(input.value.trim());
                put(document.getElementById('login'));
                resolve();
            } catch (refused) {
                put(wrong, h('p', {class: 'notice notice-bad'}, refused.message, ': ', refused.remedy));
                input.focus();
            }
        });
        put(
            document.getElementById('login'),
            h(
                'section',
                {'aria-labelledby': 'login-title'},
                h('h2', {id: 'login-title'}, 'A token is needed'),
                h(
                    'p',
                    {},
                    problem.remedy
                        ? 'Open the address that nattrail serve printed when it started, or copy the token from it.'
                        : '',
                ),
                wrong,
                form,
            ),
        );
        document.getElementById('upload').replaceChildren();
        document.getElementById('list').replaceChildren();
        document.documentElement.dataset.ready = 'true';
        input.focus();
    });
}

/** The token in the address that the server printed; it is not left in the address line. */
async function tokenFromAddress() {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token) {
        history.replaceState(null, '', location.pathname);
        await logIn(token).catch(refused => say(refused.message));
    }
}

async function enter() {
    for (;;) {
        try {
            return await info();
        } catch (problem) {
            if (problem.status !== 401) {
                put(
                    document.getElementById('login'),
                    h('p', {class: 'notice notice-bad'}, problem.message, ': ', problem.remedy),
                );
                await new Promise(later => setTimeout(later, QUIET_MILLIS));
                put(document.getElementById('login'));
            } else {
                await askToken(problem);
            }
        }
    }
}

async function watch(list) {
    const lost = h('div', {role: 'alert'});
    document.getElementById('login').append(lost);
    let wake = () => {};
    const look = async () => {
        try {
            const cases = await listCases();
            put(lost);
            if (cases) {
                list.show(cases);
            }
            document.documentElement.dataset.ready = 'true';
        } catch (problem) {
            if (problem.status === 401) {
                location.reload();
            }
            put(lost, h('p', {class: 'notice notice-bad'}, problem.message, ': ', problem.remedy));
        }
    };
    document.addEventListener('visibilitychange', () => wake());
    for (;;) {
        if (!document.hidden) {
            await look();
        }
        await new Promise(later => {
            const timer = setTimeout(later, list.active() ? BUSY_MILLIS : QUIET_MILLIS);
            wake = () => {
                clearTimeout(timer);
                later();
            };
            list.wake = wake;
        });
    }
}

async function start() {
    header(null);
    await tokenFromAddress();
    const told = await enter();
    header(told);
    const list = new CaseList(document.getElementById('list'), say);
    new UploadForm(
        document.getElementById('upload'),
        told.limits,
        made => {
            list.await(made);
            list.wake?.();
        },
        say,
    );
    await watch(list);
}

start();
