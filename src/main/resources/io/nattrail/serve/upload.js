// The form for a new case: files are dropped or picked, their points checked, then they are sent.
import {h, put} from './dom.js';
import {plural} from './format.js';
import {Problem, upload} from './api.js';
import {POINT_RULE, describe, dropped, size} from './files.js';

const POINTS = ['client', 'node1-eth0', 'node1-cbr0', 'node2-eth0', 'node2-cbr0', 'pod'];
const KINDS = {capture: 'capture', state: 'cluster state', archive: 'archive', unknown: 'other file'};

export class UploadForm {
    /** @param limits of the server; @param onCase called with the new case; @param say speaks to screen readers */
    constructor(root, limits, onCase, say) {
        this.root = root;
        this.limits = limits;
        this.onCase = onCase;
        this.say = say;
        this.rows = [];
        this.name = '';
        this.annotate = false;
        this.sending = null;
        this.build();
        this.listen();
    }

    build() {
        this.picker = h('input', {
            type: 'file',
            multiple: true,
            class: 'offscreen',
            id: 'picker',
            tabindex: '-1',
            'aria-hidden': 'true',
        });
        this.picker.addEventListener('change', () => {
            this.add([...this.picker.files], '');
            this.picker.value = '';
        });
        this.zone = h(
            'div',
            {class: 'zone', id: 'zone'},
            h('p', {class: 'zone-title'}, 'Drop the captures of one case here'),
            h(
                'p',
                {class: 'quiet zone-text'},
                'From the client, Node-1’s eth0, Node-2’s bridge; what the cluster says (kubectl, iptables-save, conntrack) ',
                'with them; or a tar or zip archive, or the folder.',
            ),
            h(
                'button',
                {type: 'button', class: 'primary', id: 'choose', onclick: () => this.picker.click()},
                'Choose files',
            ),
        );
        this.table = h('div', {class: 'scroll-x', id: 'chosen'});
        this.problem = h('div', {id: 'problem', role: 'alert'});
        this.foot = h('div', {class: 'upload-foot'});
        put(
            this.root,
            h(
                'section',
                {'aria-labelledby': 'new-title'},
                h('h2', {id: 'new-title'}, 'New case'),
                this.picker,
                h(
                    'datalist',
                    {id: 'points'},
                    POINTS.map(point => h('option', {value: point})),
                ),
                this.zone,
                this.problem,
                this.table,
                this.foot,
            ),
        );
        this.show();
    }

    listen() {
        let depth = 0;
        const carriesFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
        const over = on => this.zone.classList.toggle('over', on);
        document.addEventListener('dragenter', event => {
            if (carriesFiles(event)) {
                event.preventDefault();
                depth++;
                over(true);
            }
        });
        document.addEventListener('dragleave', event => {
            if (carriesFiles(event) && --depth <= 0) {
                depth = 0;
                over(false);
            }
        });
        document.addEventListener('dragover', event => {
            if (carriesFiles(event)) {
                event.preventDefault();
                event.dataTransfer.dropEffect = this.sending ? 'none' : 'copy';
            }
        });
        document.addEventListener('drop', async event => {
            if (!carriesFiles(event)) {
                return;
            }
            event.preventDefault();
            depth = 0;
            over(false);
            if (!this.sending) {
                const {files, folder} = await dropped(event.dataTransfer);
                await this.add(files, folder);
            }
        });
    }

    async add(files, folder) {
        this.complain(null);
        const described = [];
        for (const file of files) {
            try {
                described.push(await describe(file));
            } catch (unreadable) {
                this.complain(
                    new Problem(
                        0,
                        file.name + ' cannot be read',
                        'see its permissions; a folder must be dropped, not picked',
                    ),
                );
            }
        }
        this.rows.push(...described);
        if (folder && !this.name) {
            this.name = folder;
        }
        if (!this.name && this.rows.length === 1 && this.rows[0].kind === 'archive') {
            this.name = this.rows[0].file.name.replace(/\.(tar|tgz|zip)(\.\w+)?$/i, '');
        }
        this.say(plural(this.rows.length, 'file') + ' chosen');
        this.show();
        document.getElementById('start')?.focus();
    }

    total() {
        return this.rows.reduce((sum, row) => sum + row.file.size, 0);
    }

    /** What the server would refuse, known before anything is sent. */
    excess() {
        if (this.rows.length > this.limits.files) {
            return new Problem(413, 'More than ' + this.limits.files + ' files', 'pack them into a tar archive');
        }
        if (this.total() > this.limits.uploadBytes) {
            return new Problem(
                413,
                'The files have ' + size(this.total()) + '; ' + size(this.limits.uploadBytes) + ' are accepted',
                'compress the captures (gzip, zstd, lz4), or start the server with a greater --max-upload',
            );
        }
        return null;
    }

    complain(problem) {
        put(
            this.problem,
            problem &&
                h(
                    'p',
                    {class: 'notice notice-bad'},
                    h('strong', {}, problem.message),
                    problem.remedy ? ': ' + problem.remedy : '',
                ),
        );
    }

    show() {
        this.zone.classList.toggle('small', this.rows.length > 0);
        put(this.table, this.rows.length > 0 && this.list());
        put(this.foot, this.rows.length > 0 && this.controls());
    }

    list() {
        const busy = this.sending !== null;
        return h(
            'table',
            {class: 'data chosen'},
            h('caption', {class: 'offscreen'}, 'Chosen files'),
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    ['File', 'Looks like', 'Size', 'Capture point', ''].map(title =>
                        h('th', {scope: 'col'}, title || h('span', {class: 'offscreen'}, 'Remove')),
                    ),
                ),
            ),
            h(
                'tbody',
                {},
                this.rows.map((row, index) =>
                    h(
                        'tr',
                        {},
                        h('td', {class: 'file-name'}, row.file.name),
                        h(
                            'td',
                            {class: 'file-kind'},
                            KINDS[row.kind],
                            row.format && h('span', {class: 'quiet'}, ' ' + row.format),
                        ),
                        h('td', {class: 'file-size'}, size(row.file.size)),
                        h('td', {}, this.pointField(row, busy)),
                        h(
                            'td',
                            {class: 'number'},
                            h(
                                'button',
                                {
                                    type: 'button',
                                    class: 'plain',
                                    disabled: busy,
                                    'aria-label': 'Remove ' + row.file.name,
                                    onclick: () => this.remove(index),
                                },
                                'Remove',
                            ),
                        ),
                    ),
                ),
            ),
        );
    }

    pointField(row, busy) {
        if (row.kind === 'state' || row.kind === 'archive') {
            return h('span', {class: 'quiet'}, row.kind === 'archive' ? 'told by the names inside' : '–');
        }
        const input = h('input', {
            type: 'text',
            class: 'field point',
            list: 'points',
            value: row.point,
            placeholder: 'told by its contents',
            pattern: POINT_RULE,
            maxlength: '40',
            autocomplete: 'off',
            spellcheck: 'false',
            disabled: busy,
            'aria-label': 'Capture point of ' + row.file.name,
        });
        input.addEventListener('input', () => {
            row.point = input.value.trim().toLowerCase();
        });
        return input;
    }

    remove(index) {
        const [gone] = this.rows.splice(index, 1);
        this.say(gone.file.name + ' removed');
        this.show();
        (
            this.table.querySelectorAll('tbody .plain')[Math.min(index, this.rows.length - 1)] ??
            document.getElementById('choose')
        ).focus();
    }

    controls() {
        const busy = this.sending !== null;
        const name = h('input', {
            type: 'text',
            class: 'field',
            id: 'case-name',
            value: this.name,
            placeholder: 'such as: timeouts of web, Monday',
            maxlength: '200',
            disabled: busy,
        });
        name.addEventListener('input', () => {
            this.name = name.value;
        });
        const annotate = h('input', {type: 'checkbox', id: 'annotate', checked: this.annotate, disabled: busy});
        annotate.addEventListener('change', () => {
            this.annotate = annotate.checked;
        });
        return [
            h('div', {class: 'options'}, h('label', {for: 'case-name'}, 'Name of the case'), name),
            h(
                'div',
                {class: 'options'},
                annotate,
                h('label', {for: 'annotate'}, 'Also write annotated.pcapng for Wireshark'),
            ),
            busy
                ? this.bar()
                : h(
                      'div',
                      {class: 'buttons'},
                      h(
                          'button',
                          {type: 'button', class: 'primary', id: 'start', onclick: () => this.send()},
                          'Analyze',
                      ),
                      h('button', {type: 'button', class: 'plain', onclick: () => this.clear()}, 'Clear'),
                      h('span', {class: 'quiet'}, plural(this.rows.length, 'file') + ', ' + size(this.total())),
                  ),
        ];
    }

    bar() {
        this.progress = h('progress', {max: '1', value: '0', 'aria-label': 'Upload'});
        this.progressText = h('span', {class: 'quiet'}, 'uploading');
        return h(
            'div',
            {class: 'buttons'},
            this.progress,
            this.progressText,
            h(
                'button',
                {type: 'button', class: 'plain', id: 'cancel', onclick: () => this.sending?.cancel()},
                'Cancel',
            ),
        );
    }

    clear() {
        this.rows = [];
        this.name = '';
        this.complain(null);
        this.show();
        document.getElementById('choose').focus();
    }

    form() {
        const form = new FormData();
        form.append('name', this.name);
        form.append('annotate', String(this.annotate));
        for (const row of this.rows) {
            // A point that only the name told is left to the analysis, which checks it against the contents.
            form.append(row.point && row.point !== row.guess ? row.point : 'file', row.file, row.file.name);
        }
        return form;
    }

    async send() {
        const wrong = this.rows.find(row => row.point && !new RegExp('^' + POINT_RULE + '$').test(row.point));
        const excess = wrong
            ? new Problem(
                  400,
                  '“' + wrong.point + '” is no name of a capture point',
                  'write client, node1-eth0, node2-cbr0, ...',
              )
            : this.excess();
        this.complain(excess);
        if (excess) {
            return;
        }
        this.sending = upload(this.form(), (done, total) => {
            this.progress.value = total ? done / total : 0;
            this.progressText.textContent = done < total ? size(done) + ' of ' + size(total) : 'received';
        });
        this.show();
        document.getElementById('cancel').focus();
        try {
            const made = await this.sending.done;
            this.sending = null;
            this.clear();
            this.onCase(made);
        } catch (failure) {
            this.sending = null;
            this.show();
            this.complain(failure);
            this.say(failure ? '' : 'Upload cancelled');
            document.getElementById('start').focus();
        }
    }
}
