// Elements are made from values only: text goes in as text nodes, so nothing in a capture can become markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element: h('a', {href, class, onclick, css: {width}}, child, ...). A null attribute is left out. */
export function h(tag, attributes, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (value === null || value === undefined || value === false) {
            continue;
        }
        if (name.startsWith('on')) {
            element.addEventListener(name.slice(2), value);
        } else if (name === 'css') {
            for (const [property, setting] of Object.entries(value)) {
                element.style.setProperty(property, setting);
            }
        } else {
            element.setAttribute(name, value === true ? '' : String(value));
        }
    }
    element.append(...flat(children));
    return element;
}

function flat(children) {
    return children
        .flat(Infinity)
        .filter(child => child !== null && child !== undefined && child !== false)
        .map(child => (child instanceof Node ? child : String(child)));
}

/** Replaces what is in an element. */
export function put(element, ...children) {
    element.replaceChildren(...flat(children));
    return element;
}

/** A button that copies a text, and says so. It is called by the text, of which there are many in a page, unless that has several lines. */
export function copyButton(text, label) {
    const say = (shown, called) => {
        button.textContent = shown;
        button.setAttribute('aria-label', called);
    };
    const name = text.includes('\n') ? label : `${label} ${text}`;
    const button = h('button', {
        type: 'button',
        class: 'copy',
        title: 'Copy to the clipboard',
        onclick: async event => {
            event.stopPropagation();
            await copyText(text);
            say('Copied', 'Copied');
            setTimeout(() => say(label, name), 1400);
        },
    });
    say(label, name);
    return button;
}

async function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) {
        try {
            await navigator.clipboard.writeText(text);
            return;
        } catch (refused) {
            // Not allowed without a user's gesture in some browsers: the old way below.
        }
    }
    const area = h('textarea', {class: 'offscreen', 'aria-hidden': 'true'});
    const before = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    before?.focus({preventScroll: true});
}
