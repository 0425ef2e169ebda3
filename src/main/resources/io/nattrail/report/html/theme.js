// Light, dark, or as the system has it.
import {h} from './dom.js';

const THEMES = ['auto', 'light', 'dark'];

function stored(name, value) {
    try {
        if (value !== undefined) {
            localStorage.setItem(name, value);
        }
        return localStorage.getItem(name);
    } catch (refused) {
        // A page from disk may have no storage; the choice then lasts as long as the page.
        return value ?? null;
    }
}

/** A button that changes it; the choice is kept for the other pages too. */
export function themeButton() {
    let theme = THEMES.includes(stored('nattrail-theme')) ? stored('nattrail-theme') : 'auto';
    const button = h('button', {type: 'button', class: 'plain', id: 'theme'});
    const set = () => {
        document.documentElement.dataset.theme = theme;
        button.textContent = 'Theme: ' + theme;
    };
    button.addEventListener('click', () => {
        theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
        stored('nattrail-theme', theme);
        set();
    });
    set();
    return button;
}
