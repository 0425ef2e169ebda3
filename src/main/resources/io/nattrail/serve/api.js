// The calls to the server. Every failure is a Problem with what is wrong and what to do.

export class Problem extends Error {
    constructor(status, title, remedy) {
        super(title);
        this.status = status;
        this.remedy = remedy;
    }
}

function unreachable() {
    return new Problem(0, 'The server cannot be reached', 'see whether nattrail serve still runs, then try again');
}

function problemOf(status, text) {
    try {
        const told = JSON.parse(text);
        return new Problem(status, told.title, told.remedy);
    } catch (noJson) {
        return new Problem(status, 'The server answered with status ' + status, 'see the server’s messages');
    }
}

async function call(method, path, options) {
    let response;
    try {
        response = await fetch(path, {method, credentials: 'same-origin', ...options});
    } catch (failed) {
        throw unreachable();
    }
    if (!response.ok && response.status !== 304) {
        throw problemOf(response.status, await response.text());
    }
    return response;
}

export async function info() {
    return (await call('GET', '/api/info')).json();
}

let tag = null;

/** All cases, or null if nothing changed since the last call. */
export async function listCases() {
    const response = await call('GET', '/api/cases', {cache: 'no-store', headers: tag ? {'If-None-Match': tag} : {}});
    if (response.status === 304) {
        return null;
    }
    tag = response.headers.get('ETag');
    return (await response.json()).cases;
}

export async function deleteCase(id) {
    await call('DELETE', '/api/cases/' + id);
}

export async function logIn(token) {
    await call('POST', '/api/session', {
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({token}),
    });
    tag = null;
}

export async function logOut() {
    await call('DELETE', '/api/session');
    tag = null;
}

export function reportPath(id, file) {
    return '/api/cases/' + id + '/reports/' + file;
}

/** Sends a form; fetch does not tell how far an upload is, XMLHttpRequest does. */
export function upload(form, onProgress) {
    const request = new XMLHttpRequest();
    const done = new Promise((resolve, reject) => {
        request.open('POST', '/api/cases');
        request.upload.addEventListener('progress', event => onProgress(event.loaded, event.total));
        request.addEventListener('load', () =>
            request.status === 201
                ? resolve(JSON.parse(request.responseText))
                : reject(problemOf(request.status, request.responseText)),
        );
        request.addEventListener('error', () =>
            reject(
                new Problem(
                    0,
                    'The upload broke off',
                    'see whether nattrail serve still runs and what it printed, then try again',
                ),
            ),
        );
        request.addEventListener('abort', () => reject(null));
        request.send(form);
    });
    return {done, cancel: () => request.abort()};
}
